# Vitis HLS: sources exist and have the top, the report is a file that the test gives, the exported IP has the top's arguments.
namespace eval recorded { variable hls [dict create] }

proc open_project {args} { recorded::call open_project {*}$args; recorded::add hls_project [lindex $args end] }
proc set_top {name} { recorded::call set_top $name; dict set recorded::hls top $name }
proc open_solution {args} { recorded::call open_solution {*}$args; dict set recorded::hls solution [lindex $args end] }
proc set_part {name} { recorded::call set_part $name }
proc create_clock {args} { recorded::call create_clock {*}$args }
proc config_export {args} { recorded::call config_export {*}$args }

proc add_files {args} {
    recorded::call add_files {*}$args
    set bench [expr {[lindex $args 0] eq "-tb"}]
    if {$bench} { set args [lrange $args 1 end] }
    set file [lindex $args 0]
    if {![file exists $file]} { recorded::refuse "there is no file $file" }
    recorded::add [expr {$bench ? "hls_bench" : "hls_source"}] $file
    foreach {- folder} [regexp -all -inline -- {-I(\S+)} [lindex $args end]] {
        if {![file isdirectory $folder]} { recorded::refuse "there is no folder $folder" }
    }
}

# Arguments of the top as {name words-before-it}.
proc recorded::top_arguments {} {
    set top [dict get $recorded::hls top]
    foreach file [all hls_source] {
        set text [flimd::read_file $file]
        if {[regexp "\\m$top\\s*\\((\[^)\]*)\\)\\s*\\x7b" $text - arguments]} {
            return [lmap argument [split $arguments ,] { list [lindex [regexp -all -inline {\w+} $argument] end] $argument }]
        }
    }
    refuse "no source has the top $top"
}

proc csim_design {args} {
    recorded::call csim_design {*}$args
    if {![llength [recorded::all hls_bench]]} { recorded::refuse "no test bench" }
}

# The test's report, in the form that public readers of csynth.xml take it; @LOOPS@ stands for every loop of the core that has a
# target, each reaching it.
proc recorded::synthesis_report {} {
    set loops ""
    dict for {name interval} [flimd::core_loop_targets] {
        append loops "<$name><Name>$name</Name><TripCount>8</TripCount><Latency>12</Latency>"
        append loops "<PipelineII>$interval</PipelineII><PipelineDepth>5</PipelineDepth></$name>\n"
    }
    return [string map [list @LOOPS@ $loops] [flimd::read_file [flimd::environment STANDIN_CSYNTH]]]
}

proc csynth_design {} {
    recorded::call csynth_design
    recorded::top_arguments
    set report [file join [lindex [recorded::all hls_project] 0] [dict get $recorded::hls solution] syn report csynth.xml]
    flimd::write_file $report [recorded::synthesis_report]
}

# What the block design may connect: the streams and the control bundle of the top.
proc export_design {args} {
    recorded::call export_design {*}$args
    set interfaces {s_axi_control {Slave aximm}}
    foreach argument [recorded::top_arguments] {
        lassign $argument name words
        if {[string match -nocase *stream* $words]} { lappend interfaces $name [list [expr {[string match s_* $name] ? "Slave" : "Master"}] axis] }
    }
    set shape [dict create pins {ap_clk I ap_rst_n I interrupt O} interfaces $interfaces settings {} \
        must [concat {ap_clk ap_rst_n} [dict keys $interfaces]]]
    set ip [file join [lindex [recorded::all hls_project] 0] [dict get $recorded::hls solution] impl ip]
    flimd::write_file [file join $ip component.xml] $shape
}
