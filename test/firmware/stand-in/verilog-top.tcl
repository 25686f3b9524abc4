# Parameters and ports of a board's top, read from its SystemVerilog (ANSI header, one declaration a line).

proc recorded::top_file {} {
    set matches [lsearch -all -inline -glob [all file] */$flimd::standin_top.sv]
    if {[llength $matches] != 1} { refuse "the project has no source of the top $flimd::standin_top" }
    return [lindex $matches 0]
}

proc recorded::top_header {} {
    set text [flimd::read_file [top_file]]
    regsub -all -line {//.*$} $text {} text
    if {![regexp "module\\s+$flimd::standin_top\\s+#\\((.*?)\\n\\)\\s*\\((.*?)\\n\\);" $text - parameters ports]} {
        refuse "no header of module $flimd::standin_top"
    }
    return [list $parameters $ports $text]
}

proc recorded::top_parameters {} {
    lassign [top_header] parameters
    return [lmap {- name} [regexp -all -inline {(\w+)\s*=} $parameters] { set name }]
}

# Generics as set on the project, {name value}.
proc recorded::generics {} {
    set pairs [dict create]
    foreach generic [value fileset:sources_1 GENERIC] {
        lassign [split $generic =] name setting
        dict set pairs $name $setting
    }
    return $pairs
}

# Every port bit of the top, as get_ports names it.
proc recorded::top_port_bits {} {
    lassign [top_header] - ports
    set bits {}
    foreach line [split $ports ,] {
        if {![regexp {(?:input|output|inout)\s+(?:logic|wire)\s*(?:\[(.*)-1:0\]|\[(\d+):0\])?\s*(\w+)\s*$} $line - size last name]} {
            refuse "a port that is not understood: [string trim $line]"
        }
        if {$size ne ""} { set last [expr {[dict get [generics] $size] - 1}] }
        if {$last eq ""} { lappend bits $name; continue }
        for {set i 0} {$i <= $last} {incr i} { lappend bits "$name\[$i\]" }
    }
    return $bits
}

proc recorded::top_has_net {name} {
    lassign [top_header] - - text
    return [regexp "\\m$name\\M" $text]
}
