# What a build is told: the board, its settings and pins, where its results go. Sourced by every other script.
# The scripts keep to Tcl 8.5, which is what Vivado has up to 2022.
namespace eval flimd {
    variable root [file dirname [file dirname [file dirname [file normalize [info script]]]]]
}

# The word "flimd" tells our refusals from the errors of the vendor's tools.
proc flimd::fail {message} {
    return -code error -errorcode FLIMD "flimd: $message"
}

proc flimd::path {args} {
    variable root
    return [file join $root {*}$args]
}

proc flimd::environment {name {default {}}} {
    global env
    if {[info exists env($name)] && $env($name) ne ""} { return $env($name) }
    return $default
}

proc flimd::board_names {} {
    set names {}
    foreach config [glob [path firmware boards * config.tcl]] { lappend names [file tail [file dirname $config]] }
    return [lsort $names]
}

# Reads the settings of the board named by FLIMD_BOARD into the array ::board.
proc flimd::load_board {} {
    set name [environment FLIMD_BOARD]
    if {$name ni [board_names]} {
        fail "FLIMD_BOARD is \"$name\": name one of [join [board_names] {, }]"
    }
    uplevel #0 [list source [path firmware boards $name config.tcl]]
}

proc flimd::board_file {name} {
    return [path firmware boards $::board(name) $name]
}

# Results of a build: FLIMD_OUT, or build/firmware/<board>.
proc flimd::out {args} {
    set directory [environment FLIMD_OUT [path build firmware $::board(name)]]
    return [file join [file normalize $directory] {*}$args]
}

proc flimd::require_file {file} {
    if {![file exists $file]} { fail "there is no file $file" }
    return $file
}

proc flimd::write_file {file text} {
    file mkdir [file dirname $file]
    set channel [open $file w]
    puts -nonewline $channel $text
    close $channel
}

proc flimd::read_file {file} {
    set channel [open [require_file $file]]
    set text [read $channel]
    close $channel
    return $text
}
