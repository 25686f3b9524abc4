# Pins of a board. firmware/boards/<board>/pins.tcl lists them with `pin` and `pins`; FLIMD_PINS names a file of a lab's own that is
# read behind it and overrides single ports. A pin given as ? is one that nobody has looked up yet.

namespace eval flimd { variable pin_table [dict create] }

# One port: its package pin, its I/O standard (- for a transceiver), further properties.
proc flimd::pin {port location {standard -} args} {
    variable pin_table
    dict set pin_table $port [list $location $standard {*}$args]
}

# A vector, bit 0 first.
proc flimd::pins {port locations {standard -} args} {
    set bit 0
    foreach location $locations {
        pin "$port\[$bit\]" $location $standard {*}$args
        incr bit
    }
}

proc flimd::load_pins {} {
    variable pin_table
    set pin_table [dict create]
    set files [list [board_file pins.tcl]]
    set own [environment FLIMD_PINS]
    if {$own ne ""} { lappend files [require_file $own] }
    foreach file $files { namespace eval ::flimd [list source $file] }
    refuse_open_pins
    return $pin_table
}

proc flimd::refuse_open_pins {} {
    variable pin_table
    set open {}
    set taken [dict create]
    dict for {port row} $pin_table {
        set location [lindex $row 0]
        if {$location eq "?"} { lappend open $port; continue }
        if {[dict exists $taken $location]} { fail "pin $location is given to [dict get $taken $location] and to $port" }
        dict set taken $location $port
    }
    if {[llength $open]} {
        fail "no pin is known for [join $open {, }]: look them up in the schematic of your carrier and give them in a file named by FLIMD_PINS (firmware/README.md)"
    }
}

# The table as constraints.
proc flimd::pins_as_xdc {table} {
    set lines {}
    dict for {port row} $table {
        set more [lassign $row location standard]
        set properties [list PACKAGE_PIN $location]
        if {$standard ne "-"} { lappend properties IOSTANDARD $standard }
        lappend lines "set_property -dict {[concat $properties $more]} \[get_ports {$port}\]"
    }
    return "[join $lines \n]\n"
}
