# USB 3 through an FX3: the slave FIFO and the registers' port are RTL of the board's top, outside the block design.

proc flimd::oscillator_kind {} { return Single_ended_clock_capable_pin }

proc flimd::link_clocks {} {
    global board
    return [list fx3_pclk $board(link_mhz) fx3_pclk]
}

proc flimd::core_clock_port {} {
    global board
    clock_port core_clk $board(core_mhz) core_rst_n {S_AXIL_CORE S_AXIS_HISTOGRAMS M_AXIS_LIFETIMES}
}

proc flimd::link_ports {} {
    global board
    create_bd_port -dir I -type clk sys_clk
    set_property CONFIG.FREQ_HZ [expr {$board(oscillator_mhz) * 1000000}] [get_bd_ports sys_clk]
}

# No reset comes from outside: the clock's lock is what begins everything. The core has one master, and needs no interconnect.
proc flimd::add_link {} {
    wire sys_clk core_clock/clk_in1
    wire core_clock/locked core_reset/ext_reset_in
    join_interfaces S_AXIL_CORE lifetime_core/s_axi_control
}

proc flimd::map_addresses {} {
    map_core S_AXIL_CORE
}
