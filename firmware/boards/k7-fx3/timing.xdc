# Timing of the Mercury KX1's wires; clocks and the sensor's input delays come from the settings (firmware/scripts/clocks.tcl).

# GPIF II as a synchronous slave FIFO with the FX3's own clock (FX3 data sheet, synchronous slave FIFO parameters):
# its outputs come 2 to 8 ns after PCLK, its inputs need 2 ns before and 0.5 ns after. CHECK against the data sheet in use.
# Hard to meet at 100 MHz: firmware/README.md tells what to try.
set_input_delay -clock fx3_pclk -max 8.000 [get_ports {fx3_dq[*] fx3_flaga fx3_flagb fx3_flagc fx3_flagd}]
set_input_delay -clock fx3_pclk -min 2.000 [get_ports {fx3_dq[*] fx3_flaga fx3_flagb fx3_flagc fx3_flagd}]
set_output_delay -clock fx3_pclk -max 2.000 [get_ports {fx3_dq[*] fx3_slcs_n fx3_slwr_n fx3_slrd_n fx3_sloe_n fx3_pktend_n fx3_fifoadr[*]}]
set_output_delay -clock fx3_pclk -min -0.500 [get_ports {fx3_dq[*] fx3_slcs_n fx3_slwr_n fx3_slrd_n fx3_sloe_n fx3_pktend_n fx3_fifoadr[*]}]

# Levels that nothing samples by a clock of ours.
set_false_path -to [get_ports {sensor_exposure led[*]}]

# Configuration banks at 3.3 V, as the I/O standard of the FX3's wires. CHECK against the module's schematic.
set_property CFGBVS VCCO [current_design]
set_property CONFIG_VOLTAGE 3.3 [current_design]
