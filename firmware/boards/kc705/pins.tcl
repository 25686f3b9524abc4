# Pins of the KC705 (UG810; each held against public designs for the board). Rows: port, package pin, I/O standard.
pin sys_clk_p AD12 LVDS
pin sys_clk_n AD11 LVDS
pin pcie_refclk_p U8
pin pcie_refclk_n U7
pin pcie_perst_n G25 LVCMOS25 PULLUP true
pins pcie_rx_p {M6 P6 R4 T6}
pins pcie_rx_n {M5 P5 R3 T5}
pins pcie_tx_p {L4 M2 N4 P2}
pins pcie_tx_n {L3 M1 N3 P1}
pins led {AB8 AA8 AC9} LVCMOS15

# The sensor on FMC HPC (J22), VADJ 2.5 V; the wiring of the FMC card decides: CHECK. Clock on LA00_P_CC, valid on LA01_P_CC,
# exposure on LA17_P_CC, pixel 0..11 on LA02_P … LA13_P, bin 0..5 on LA14_P, LA15_P, LA16_P, LA19_P, LA20_P, LA21_P.
pin sensor_clk C25 LVCMOS25
pin sensor_valid D26 LVCMOS25
pin sensor_exposure F20 LVCMOS25
pins sensor_pixel {H24 H26 G28 G29 H30 E28 E29 B30 D29 G27 C29 A25} LVCMOS25
pins sensor_bin {B28 C24 B27 G18 E19 A20} LVCMOS25
