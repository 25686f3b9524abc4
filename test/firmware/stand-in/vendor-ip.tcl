# Vendor IP as its public documentation describes it, as far as a camera can use it: pins {name direction}, interfaces
# {name mode type}, settings. A pin marked `must` may not stay open. Pins that depend on a setting are added in ip_shape.
set recorded::ip_catalog {
    xilinx.com:ip:clk_wiz:6.0 {
        pins {clk_out1 O locked O} interfaces {} must {clk_in1 CLK_IN1_D}
        settings {PRIM_SOURCE PRIM_IN_FREQ CLKOUT1_REQUESTED_OUT_FREQ USE_RESET USE_LOCKED}
    }
    xilinx.com:ip:proc_sys_reset:5.0 {
        pins {slowest_sync_clk I ext_reset_in I aux_reset_in I mb_debug_sys_rst I dcm_locked I mb_reset O bus_struct_reset O
            peripheral_reset O interconnect_aresetn O peripheral_aresetn O}
        interfaces {} must {slowest_sync_clk ext_reset_in dcm_locked} settings {C_EXT_RESET_HIGH}
    }
    xilinx.com:ip:util_ds_buf:2.1 {
        pins {IBUF_OUT O IBUF_DS_ODIV2 O} interfaces {CLK_IN_D {Slave diff_clock}} must {CLK_IN_D} settings {C_BUF_TYPE}
    }
    xilinx.com:ip:util_ds_buf:2.2 {
        pins {IBUF_OUT O IBUF_DS_ODIV2 O} interfaces {CLK_IN_D {Slave diff_clock}} must {CLK_IN_D} settings {C_BUF_TYPE}
    }
    xilinx.com:ip:xdma:4.1 {
        pins {sys_clk I sys_rst_n I usr_irq_req I usr_irq_ack O axi_aclk O axi_aresetn O user_lnk_up O msi_enable O}
        interfaces {pcie_mgt {Master pcie_7x_mgt} M_AXI_LITE {Master aximm} S_AXIS_C2H_0 {Slave axis} M_AXIS_H2C_0 {Master axis}}
        must {sys_clk sys_rst_n usr_irq_req pcie_mgt M_AXI_LITE S_AXIS_C2H_0 M_AXIS_H2C_0}
        settings {xdma_axi_intf_mm pl_link_cap_max_link_width pl_link_cap_max_link_speed axi_data_width axisten_freq axilite_master_en
            axilite_master_size axilite_master_scale pciebar2axibar_axil_master xdma_rnum_chnl xdma_wnum_chnl xdma_num_usr_irq}
    }
    xilinx.com:ip:smartconnect:1.0 {
        pins {aresetn I} interfaces {} must {aresetn} settings {NUM_SI NUM_MI NUM_CLKS}
    }
}

# The lifetime core as its HLS top declares it (hls/vendor/flimd_core_axis.cpp): the HLS run writes its arguments down.
proc recorded::add_core_ip {shape} {
    variable ip_catalog
    dict set ip_catalog flimd:hls:flimd_core_axis:1.0 $shape
}

proc recorded::ip_settings {cell} {
    variable ip_catalog
    variable cell_ip
    return [lmap name [dict get $ip_catalog $cell_ip($cell) settings] { set setting CONFIG.$name }]
}

proc recorded::numbered {count format} {
    set names {}
    for {set i 0} {$i < $count} {incr i} { lappend names [format $format $i] }
    return $names
}

# Pins and interfaces of a cell with its present settings.
proc recorded::ip_shape {cell} {
    variable ip_catalog
    variable cell_ip
    set shape [dict get $ip_catalog $cell_ip($cell)]
    set setting [list value bd_cell:$cell]
    switch -glob $cell_ip($cell) {
        *:clk_wiz:* {
            if {[{*}$setting CONFIG.PRIM_SOURCE] eq "Differential_clock_capable_pin"} {
                dict set shape interfaces {CLK_IN1_D {Slave diff_clock}}
                dict set shape must CLK_IN1_D
            } else {
                dict lappend shape pins clk_in1 I
                dict set shape must clk_in1
            }
        }
        *:smartconnect:* {
            foreach clock [lreplace [numbered [{*}$setting CONFIG.NUM_CLKS 1] aclk%d] 0 0 aclk] {
                dict lappend shape pins $clock I
                dict lappend shape must $clock
            }
            foreach {count format mode} [list NUM_SI S%02d_AXI Slave NUM_MI M%02d_AXI Master] {
                foreach name [numbered [{*}$setting CONFIG.$count 1] $format] {
                    dict lappend shape interfaces $name [list $mode aximm]
                    dict lappend shape must $name
                }
            }
        }
    }
    return $shape
}

# Ports of the top whose clock the constraints of a clocking wizard make: those its input hangs on through a buffer of its own.
proc recorded::ports_clocked_by_ip {} {
    variable net_of
    variable peer_of
    set ports {}
    foreach cell [all bd_cell] {
        if {![string match *:clk_wiz:* $recorded::cell_ip($cell)]} continue
        if {[info exists peer_of(bd_intf_pin:$cell/CLK_IN1_D)]} {
            set name [name_of $peer_of(bd_intf_pin:$cell/CLK_IN1_D)]
            lappend ports port:${name}_p port:${name}_n
        } else {
            foreach end [array names net_of bd_port:*] {
                if {$net_of($end) eq $net_of(bd_pin:$cell/clk_in1)} { lappend ports port:[name_of $end] }
            }
        }
    }
    return $ports
}

proc get_ipdefs {args} {
    recorded::call get_ipdefs {*}$args
    if {![regexp {^-filter \{?VLNV =~ (\S+?)\}?$} $args - pattern]} { recorded::refuse "get_ipdefs $args" }
    return [lsearch -all -inline -glob [dict keys $recorded::ip_catalog] $pattern]
}
