# Pins of the Enclustra Mercury KX1 (xc7k160tfbg676-1), as far as public constraints of SILAB, Bonn, for this module give them
# (pyBAR, firmware/mio3: oscillator, PCLK, the 32 data wires, CTL0..CTL5, CTL11, CTL12 of the FX3). CHECK against the module's manual.
# `?` is not published there: PKTEND# (CTL7) and two more flags, and all that the carrier decides (sensor, LEDs). The build stops until
# they are given in a file of yours, named by FLIMD_PINS.
pin sys_clk AA3 LVCMOS15
pin fx3_pclk G22 LVCMOS33
pins fx3_dq {
    A23 A24 D26 C26 D21 C22 B20 A20 E21 E22 C21 B21 D23 D24 F22 E23
    G24 F24 E25 D25 G25 G26 F25 E26 J26 H26 H21 G21 H23 H24 J21 H22
} LVCMOS33 SLEW FAST
pin fx3_slcs_n L23 LVCMOS33 SLEW FAST
pin fx3_slwr_n L22 LVCMOS33 SLEW FAST
pin fx3_sloe_n C24 LVCMOS33 SLEW FAST
pin fx3_slrd_n K22 LVCMOS33 SLEW FAST
pin fx3_flaga K23 LVCMOS33
pin fx3_flagb J23 LVCMOS33
pins fx3_fifoadr {J24 J25} LVCMOS33 SLEW FAST
pin fx3_pktend_n ? LVCMOS33 SLEW FAST
pin fx3_flagc ? LVCMOS33
pin fx3_flagd ? LVCMOS33

pin sensor_clk ? LVCMOS33
pin sensor_valid ? LVCMOS33
pin sensor_exposure ? LVCMOS33
pins sensor_pixel {? ? ? ? ? ? ? ? ? ?} LVCMOS33
pins sensor_bin {? ? ? ? ? ?} LVCMOS33
pins led {? ? ?} LVCMOS33
