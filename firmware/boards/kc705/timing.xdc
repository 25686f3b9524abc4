# Timing of the KC705's wires; clocks and the sensor's input delays come from the settings
# (firmware/scripts/clocks.tcl), XDMA and the clocking wizard bring constraints of their own.

# Levels that nothing samples by a clock of ours.
set_false_path -to [get_ports {sensor_exposure led[*]}]
set_false_path -from [get_ports pcie_perst_n]

# Configuration bank of the KC705: 2.5 V, quad SPI flash read at 33 MHz. CHECK against the board's schematic and its jumpers.
set_property CFGBVS VCCO [current_design]
set_property CONFIG_VOLTAGE 2.5 [current_design]
set_property BITSTREAM.CONFIG.SPI_BUSWIDTH 4 [current_design]
set_property BITSTREAM.CONFIG.CONFIGRATE 33 [current_design]
