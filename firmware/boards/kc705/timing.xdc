# Timing of the KC705's wires; clocks come from the settings, XDMA and the clocking wizard bring constraints of their own.

# The sensor's clock and data arrive together, data changing on the falling edge: valid 3 ns before to 3 ns after the rising one.
# CHECK against the sensor and the FMC card in use.
set_input_delay -clock sensor_clk -max 7.000 [get_ports {sensor_valid sensor_pixel[*] sensor_bin[*]}]
set_input_delay -clock sensor_clk -min 3.000 [get_ports {sensor_valid sensor_pixel[*] sensor_bin[*]}]

# Levels that nothing samples by a clock of ours.
set_false_path -to [get_ports {sensor_exposure led[*]}]
set_false_path -from [get_ports pcie_perst_n]

# Configuration bank of the KC705: 2.5 V, quad SPI flash.
set_property CFGBVS VCCO [current_design]
set_property CONFIG_VOLTAGE 2.5 [current_design]
set_property BITSTREAM.CONFIG.SPI_BUSWIDTH 4 [current_design]
set_property BITSTREAM.CONFIG.CONFIGRATE 33 [current_design]
