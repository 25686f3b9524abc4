# PCIe through XDMA: packets to the host (C2H 0), injected histograms from it (H2C 0), registers in BAR 0 (AXI-Lite), one interrupt.

proc flimd::oscillator_kind {} { return Differential_clock_capable_pin }

proc flimd::link_clocks {} { return {pcie_refclk 100 pcie_refclk_p} }

proc flimd::core_clock_port {} {
    global board
    clock_port core_clk $board(core_mhz) core_rst_n {S_AXIL_CORE S_AXIS_HISTOGRAMS M_AXIS_LIFETIMES M_AXIL_REGISTERS}
}

proc flimd::link_ports {} {
    global board
    clock_port link_clk $board(link_mhz) link_up_rst_n {S_AXIS_LINK M_AXIS_INJECT}
    stream_in S_AXIS_LINK $board(link_mhz) 1
    stream_out M_AXIS_INJECT $board(link_mhz)
    axil_port Master M_AXIL_REGISTERS $board(core_mhz)
    create_bd_intf_port -mode Slave -vlnv xilinx.com:interface:diff_clock_rtl:1.0 sys_clk
    set_property CONFIG.FREQ_HZ [expr {$board(oscillator_mhz) * 1000000}] [get_bd_intf_ports sys_clk]
    create_bd_intf_port -mode Slave -vlnv xilinx.com:interface:diff_clock_rtl:1.0 pcie_refclk
    set_property CONFIG.FREQ_HZ 100000000 [get_bd_intf_ports pcie_refclk]
    create_bd_intf_port -mode Master -vlnv xilinx.com:interface:pcie_7x_mgt_rtl:1.0 pcie
    create_bd_port -dir I -type rst pcie_perst_n
    set_property CONFIG.POLARITY ACTIVE_LOW [get_bd_ports pcie_perst_n]
    create_bd_port -dir I -type intr irq
    set_property CONFIG.SENSITIVITY LEVEL_HIGH [get_bd_ports irq]
}

# 128 KiB of BAR hold both halves of the address map.
proc flimd::add_xdma {} {
    global board
    set speed [dict get {1 2.5_GT/s 2 5.0_GT/s} $board(pcie_generation)]
    add_ip pcie_buffer xilinx.com:ip:util_ds_buf {CONFIG.C_BUF_TYPE IBUFDSGTE}
    add_ip xdma xilinx.com:ip:xdma [list CONFIG.xdma_axi_intf_mm AXI_Stream \
        CONFIG.pl_link_cap_max_link_width X$board(pcie_lanes) CONFIG.pl_link_cap_max_link_speed $speed \
        CONFIG.axi_data_width 64_bit CONFIG.axisten_freq $board(link_mhz) \
        CONFIG.axilite_master_en true CONFIG.axilite_master_size 128 CONFIG.axilite_master_scale Kilobytes \
        CONFIG.pciebar2axibar_axil_master 0x00000000 CONFIG.xdma_rnum_chnl 1 CONFIG.xdma_wnum_chnl 1 CONFIG.xdma_num_usr_irq 1]
}

proc flimd::add_link {} {
    add_xdma
    join_interfaces sys_clk core_clock/CLK_IN1_D
    join_interfaces pcie_refclk pcie_buffer/CLK_IN_D
    join_interfaces xdma/pcie_mgt pcie
    wire pcie_buffer/IBUF_OUT xdma/sys_clk
    wire pcie_perst_n xdma/sys_rst_n
    wire irq xdma/usr_irq_req
    wire xdma/axi_aclk link_clk
    # The whole camera is reset with the link: a host that restarts finds it as after power-on.
    wire xdma/axi_aresetn core_reset/ext_reset_in link_up_rst_n
    join_interfaces S_AXIS_LINK xdma/S_AXIS_C2H_0
    join_interfaces xdma/M_AXIS_H2C_0 M_AXIS_INJECT
    add_registers_interconnect
}

# Two masters (the host, the starter of the core), two slaves (the device's registers, the core's); it crosses the clocks too.
proc flimd::add_registers_interconnect {} {
    add_ip interconnect xilinx.com:ip:smartconnect {CONFIG.NUM_SI 2 CONFIG.NUM_MI 2 CONFIG.NUM_CLKS 2}
    wire core_clock/clk_out1 interconnect/aclk
    wire xdma/axi_aclk interconnect/aclk1
    wire core_reset/peripheral_aresetn interconnect/aresetn
    join_interfaces xdma/M_AXI_LITE interconnect/S00_AXI
    join_interfaces S_AXIL_CORE interconnect/S01_AXI
    join_interfaces interconnect/M00_AXI M_AXIL_REGISTERS
    join_interfaces interconnect/M01_AXI lifetime_core/s_axi_control
}

proc flimd::map_addresses {} {
    map_registers xdma/M_AXI_LITE
    map_core xdma/M_AXI_LITE
    map_core S_AXIL_CORE
    # The starter of the core has no business in the device's registers.
    exclude_bd_addr_seg -target_address_space [get_bd_addr_spaces S_AXIL_CORE] [get_bd_addr_segs M_AXIL_REGISTERS/Reg]
}
