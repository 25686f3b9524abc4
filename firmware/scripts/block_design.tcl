# The block design flimd_system: clock, reset, lifetime core, and what the link needs. All else is the board's top in SystemVerilog,
# which sees it as one module with AXI ports.

# Versions of the vendor's IP differ between releases of Vivado: the newest there is.
proc flimd::newest_ip {vendor_library_name} {
    set found [lsort -dictionary [get_ipdefs -filter "VLNV =~ $vendor_library_name:*"]]
    if {![llength $found]} { fail "this Vivado has no IP $vendor_library_name" }
    return [lindex $found end]
}

proc flimd::add_ip {cell name settings} {
    create_bd_cell -type ip -vlnv [newest_ip $name] $cell
    if {[llength $settings]} { set_property -dict $settings [get_bd_cells $cell] }
}

proc flimd::wire {args} {
    set ends {}
    foreach end $args { lappend ends [expr {[string match */* $end] ? [get_bd_pins $end] : [get_bd_ports $end]}] }
    connect_bd_net {*}$ends
}

proc flimd::join_interfaces {from to} {
    set ends {}
    foreach end [list $from $to] {
        lappend ends [expr {[string match */* $end] ? [get_bd_intf_pins $end] : [get_bd_intf_ports $end]}]
    }
    connect_bd_intf_net {*}$ends
}

proc flimd::axil_port {mode name mhz} {
    create_bd_intf_port -mode $mode -vlnv xilinx.com:interface:aximm_rtl:1.0 $name
    set_property -dict [list CONFIG.PROTOCOL AXI4LITE CONFIG.ADDR_WIDTH 32 CONFIG.DATA_WIDTH 32 CONFIG.HAS_PROT 0 \
        CONFIG.FREQ_HZ [expr {$mhz * 1000000}]] [get_bd_intf_ports $name]
}

# A 64-bit stream into the block design.
proc flimd::stream_in {name mhz has_keep} {
    create_bd_intf_port -mode Slave -vlnv xilinx.com:interface:axis_rtl:1.0 $name
    set_property -dict [list CONFIG.TDATA_NUM_BYTES 8 CONFIG.HAS_TKEEP $has_keep CONFIG.HAS_TSTRB 0 CONFIG.HAS_TLAST 1 \
        CONFIG.HAS_TREADY 1 CONFIG.FREQ_HZ [expr {$mhz * 1000000}]] [get_bd_intf_ports $name]
}

proc flimd::stream_out {name mhz} {
    create_bd_intf_port -mode Master -vlnv xilinx.com:interface:axis_rtl:1.0 $name
    set_property CONFIG.FREQ_HZ [expr {$mhz * 1000000}] [get_bd_intf_ports $name]
}

proc flimd::clock_port {name mhz reset interfaces} {
    create_bd_port -dir O -type clk $name
    create_bd_port -dir O -type rst $reset
    set_property CONFIG.ASSOCIATED_BUSIF [join $interfaces :] [get_bd_ports $name]
    set_property CONFIG.ASSOCIATED_RESET $reset [get_bd_ports $name]
}

# The core's clock from the board's oscillator. `source` is Differential_clock_capable_pin or Single_ended_clock_capable_pin.
proc flimd::add_core_clock {source} {
    global board
    add_ip core_clock xilinx.com:ip:clk_wiz [list CONFIG.PRIM_SOURCE $source CONFIG.PRIM_IN_FREQ $board(oscillator_mhz) \
        CONFIG.CLKOUT1_REQUESTED_OUT_FREQ $board(core_mhz) CONFIG.USE_RESET false CONFIG.USE_LOCKED true]
    add_ip core_reset xilinx.com:ip:proc_sys_reset {CONFIG.C_EXT_RESET_HIGH 0}
    wire core_clock/clk_out1 core_reset/slowest_sync_clk core_clk
    wire core_clock/locked core_reset/dcm_locked
    wire core_reset/peripheral_aresetn core_rst_n
}

proc flimd::add_core {} {
    global board
    stream_in S_AXIS_HISTOGRAMS $board(core_mhz) 0
    stream_out M_AXIS_LIFETIMES $board(core_mhz)
    axil_port Slave S_AXIL_CORE $board(core_mhz)
    add_ip lifetime_core flimd:hls:flimd_core_axis {}
    wire core_clock/clk_out1 lifetime_core/ap_clk
    wire core_reset/peripheral_aresetn lifetime_core/ap_rst_n
    join_interfaces S_AXIS_HISTOGRAMS lifetime_core/s_axis_histograms
    join_interfaces lifetime_core/m_axis_lifetimes M_AXIS_LIFETIMES
}

# Makes the design with the link's part of it, checks it and gives its sources to the project.
proc flimd::create_block_design {} {
    create_bd_design flimd_system
    core_clock_port
    link_ports
    add_core_clock [oscillator_kind]
    add_core
    add_link
    map_addresses
    validate_bd_design
    save_bd_design
    generate_target all [get_files flimd_system.bd]
}
