# The block design as the module that the board's top sees: ports only, named as Vivado names them. The test lints the tops with it.

# Signals of an interface: {name bits direction-of-the-master}.
proc recorded::interface_signals {name type} {
    set token bd_intf_port:$name
    switch $type {
        diff_clock { return {clk_p 1 O clk_n 1 O} }
        pcie_7x_mgt { return {txp 4 O txn 4 O rxp 4 I rxn 4 I} }
        axis {
            set signals {tdata 64 O tvalid 1 O tready 1 I tlast 1 O}
            if {[carries_keep $name]} { lappend signals tkeep 8 O }
            return $signals
        }
        aximm {
            if {[value $token CONFIG.PROTOCOL] ne "AXI4LITE"} { refuse "$name is not AXI4-Lite" }
            set address [value $token CONFIG.ADDR_WIDTH]
            return [concat [list awaddr $address O araddr $address O] {awvalid 1 O awready 1 I wdata 32 O wstrb 4 O wvalid 1 O wready 1 I
                bresp 2 I bvalid 1 I bready 1 O arvalid 1 O arready 1 I rdata 32 I rresp 2 I rvalid 1 I rready 1 O}]
        }
    }
}

# Into the design as the port says; out of it as its source does: XDMA's streams tell the bytes of their last beat.
proc recorded::carries_keep {name} {
    if {[lindex $recorded::port_shape($name) 0] eq "Slave"} { return [value bd_intf_port:$name CONFIG.HAS_TKEEP 0] }
    return [string match bd_intf_pin:xdma/* $recorded::peer_of(bd_intf_port:$name)]
}

proc recorded::port_line {name bits direction} {
    set range [expr {$bits > 1 ? "\[[expr {$bits - 1}]:0\] " : ""}]
    return "    [dict get {I input O output} $direction] wire $range$name"
}

proc recorded::module_of_design {module} {
    set lines {}
    foreach name [all bd_port] { lappend lines [port_line $name 1 $recorded::port_shape($name)] }
    foreach name [all bd_intf_port] {
        lassign $recorded::port_shape($name) mode type
        foreach {signal bits direction} [interface_signals $name $type] {
            if {$mode eq "Slave"} { set direction [dict get {I O O I} $direction] }
            lappend lines [port_line ${name}_$signal $bits $direction]
        }
    }
    return "module $module (\n[join $lines ,\n]\n);\nendmodule\n"
}
