# Paths between the three clock domains of a camera. Every crossing is a gray-coded FIFO or a synchroniser: a path may take as long
# as it likes but for the skew between the bits of a gray code, which must stay below a clock of the fastest domain (250 MHz).
set_max_delay -datapath_only -from [get_clocks -of_objects [get_nets core_clk]] -to [get_clocks -of_objects [get_nets link_clk]] 4.000
set_max_delay -datapath_only -from [get_clocks -of_objects [get_nets link_clk]] -to [get_clocks -of_objects [get_nets core_clk]] 4.000
set_max_delay -datapath_only -from [get_clocks -of_objects [get_nets core_clk]] -to [get_clocks -of_objects [get_nets sensor_clk_buffered]] 4.000
set_max_delay -datapath_only -from [get_clocks -of_objects [get_nets sensor_clk_buffered]] -to [get_clocks -of_objects [get_nets core_clk]] 4.000
set_max_delay -datapath_only -from [get_clocks -of_objects [get_nets link_clk]] -to [get_clocks -of_objects [get_nets sensor_clk_buffered]] 4.000
set_max_delay -datapath_only -from [get_clocks -of_objects [get_nets sensor_clk_buffered]] -to [get_clocks -of_objects [get_nets link_clk]] 4.000
