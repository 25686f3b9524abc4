# Clocks that enter the FPGA and what is timed by them, as constraints made from the settings of the board.

namespace eval flimd {
    # How far from the falling edge of its clock the sensor's data may still change, in ns. CHECK against the sensor and the carrier.
    variable sensor_change_ns 2.0
}

proc flimd::period_ns {mhz} { return [expr {1000.0 / $mhz}] }

# {name MHz port} for each, those of the link from link_<kind>.tcl. The oscillator's is not among them: the clocking wizard's own
# constraints make it.
proc flimd::clocks_as_xdc {} {
    global board
    set text ""
    foreach {name mhz port} [concat [link_clocks] [list sensor_clk $board(sensor_mhz) sensor_clk]] {
        append text "create_clock -name $name -period [format %.3f [period_ns $mhz]] \[get_ports $port\]\n"
    }
    return $text
}

# The sensor's clock and data arrive together, data changing about the falling edge.
proc flimd::sensor_as_xdc {} {
    global board
    variable sensor_change_ns
    set fall [expr {[period_ns $board(sensor_mhz)] / 2}]
    set ports "\[get_ports {sensor_valid sensor_pixel\[*\] sensor_bin\[*\]}\]"
    set text ""
    foreach {bound delay} [list max [expr {$fall + $sensor_change_ns}] min [expr {$fall - $sensor_change_ns}]] {
        append text "set_input_delay -clock sensor_clk -$bound [format %.3f $delay] $ports\n"
    }
    return $text
}
