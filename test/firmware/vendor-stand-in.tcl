# Runs a vendor script to its end under plain tclsh: every vendor command it uses is here, and only those; what it asks for must be
# there. tclsh vendor-stand-in.tcl (vivado|hls) SCRIPT TRACE [MUTATION], where TRACE gets the calls and the settings that were read,
# and MUTATION is Tcl sourced last, to take a pin away or to rename one.
lassign $argv tool script trace mutation
set here [file dirname [file normalize [info script]]]
namespace eval flimd { variable standin_top "" }
source [file join $here stand-in objects.tcl]
if {$tool eq "vivado"} {
    foreach part {vendor-ip block-design design-module verilog-top vivado} { source [file join $here stand-in $part.tcl] }
} else {
    source [file join $here stand-in vitis-hls.tcl]
}

# Which settings of the board a script reads, by name. Loading sets them; only reading counts.
set settings_read [dict create]
proc note_read {array name operation} { if {$name ne ""} { dict set ::settings_read $name 1 } }
array set board {}
trace add variable board read note_read

rename exit end_process
proc exit {{code 0}} {
    set channel [open $::trace w]
    puts $channel [join $::recorded::calls \n]
    puts $channel "settings read: [lsort [dict keys $::settings_read]]"
    puts $channel "settings: [lsort [array names ::board]]"
    close $channel
    end_process $code
}

source [file join $here stand-in tcl-8.5.tcl]
if {$mutation ne ""} { eval $mutation }
source $script
puts stderr "stand-in: $script did not end the tool by exit"
end_process 3
