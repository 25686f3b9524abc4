# A lab's own pins for the k7-fx3 board, as FLIMD_PINS would name them; for the test only: these are made up.
pin fx3_pktend_n T1 LVCMOS33 SLEW FAST
pin fx3_flagc T2 LVCMOS33
pin fx3_flagd T3 LVCMOS33
pin sensor_clk T4 LVCMOS33
pin sensor_valid T5 LVCMOS33
pin sensor_exposure T6 LVCMOS33
pins sensor_pixel {U1 U2 U3 U4 U5 U6 U7 U8 U9 U10} LVCMOS33
pins sensor_bin {V1 V2 V3 V4 V5 V6} LVCMOS33
pins led {W1 W2 W3} LVCMOS33
