# The project flow of Vivado: files exist, runs go in order, constraints name ports that there are.

namespace eval recorded { variable constraint_order {} }

proc version {flag} { return 2023.1 }

proc create_project {args} {
    recorded::call create_project {*}$args
    if {![regexp {^-force -part (\S+) (\S+) (\S+)$} $args]} { recorded::refuse "create_project $args" }
    recorded::add project flimd
    recorded::add fileset sources_1
    recorded::add fileset constrs_1
    recorded::add run synth_1
    recorded::add run impl_1
    recorded::add design current
}
proc current_project {} { return [recorded::get project flimd] }
proc current_fileset {} { return [recorded::get fileset sources_1] }
proc current_design {} { return [recorded::get design current] }
proc get_runs {name} { return [recorded::get run $name] }

proc update_ip_catalog {} {
    recorded::call update_ip_catalog
    set repository [recorded::value project:flimd IP_REPO_PATHS]
    if {![file exists [file join $repository component.xml]]} { recorded::refuse "no IP in $repository" }
    recorded::add_core_ip [flimd::read_file [file join $repository component.xml]]
}

proc add_files {args} {
    recorded::call add_files {*}$args
    set kind file
    if {[lindex $args 0] eq "-fileset"} {
        recorded::get fileset [lindex $args 1]
        set kind constraints
    }
    foreach file [lindex $args end] {
        if {![file exists $file]} { recorded::refuse "there is no file $file" }
        recorded::add $kind $file
        if {$kind eq "constraints"} {
            recorded::add file [file tail $file]
            lappend recorded::constraint_order $file
        }
    }
}
proc get_files {name} { return [recorded::get file $name] }

# Constraints are Tcl too: sourced with commands that know the top.
proc get_ports {patterns} {
    set bits [recorded::top_port_bits]
    set found {}
    foreach pattern $patterns {
        set exact [lsearch -all -inline -exact $bits $pattern]
        if {![llength $exact]} { set exact [lsearch -all -inline -glob $bits [string map {\[ \\\[ \] \\\]} $pattern]] }
        if {![llength $exact]} { recorded::refuse "the top has no port $pattern" }
        lappend found {*}$exact
    }
    foreach bit $found { if {![recorded::is port $bit]} { recorded::add port $bit } }
    return [recorded::lmap bit $found { set token port:$bit }]
}
proc create_clock {args} {
    set name [dict get [lrange $args 0 end-1] -name]
    set ports [lindex $args end]
    if {![llength $ports]} { recorded::refuse "clock $name has no port" }
    foreach port $ports {
        if {$port in [recorded::ports_clocked_by_ip]} { recorded::refuse "clock $name redefines the clock that IP makes of $port" }
    }
    recorded::add clock $name
}
proc get_clocks {args} {
    if {[lindex $args 0] eq "-of_objects"} { return clock_of:[lindex $args 1] }
    return [recorded::get clock [lindex $args 0]]
}
proc get_nets {name} {
    if {![recorded::top_has_net $name]} { recorded::refuse "the top has no net $name" }
    return net:$name
}
proc set_input_delay {args} { recorded::call set_input_delay {*}$args; recorded::get clock [dict get [lrange $args 0 end-1] -clock] }
proc set_output_delay {args} { recorded::call set_output_delay {*}$args; recorded::get clock [dict get [lrange $args 0 end-1] -clock] }
proc set_false_path {args} { recorded::call set_false_path {*}$args }
proc set_max_delay {args} { recorded::call set_max_delay {*}$args }

proc recorded::refuse_wrong_generics {} {
    set given [lsort [dict keys [generics]]]
    set wanted [lsort [top_parameters]]
    if {$given ne $wanted} { refuse "generics $given do not fit the parameters $wanted of $flimd::standin_top" }
}

proc launch_runs {run args} {
    recorded::call launch_runs $run {*}$args
    recorded::get run $run
    if {$run eq "synth_1"} {
        recorded::get file flimd_system.bd
        set flimd::standin_top [recorded::value fileset:sources_1 TOP]
        recorded::refuse_wrong_generics
        foreach file $recorded::constraint_order { uplevel #0 [list source $file] }
    } elseif {![recorded::is ran synth_1]} {
        recorded::refuse "impl_1 before synth_1"
    }
}

proc wait_on_run {run} {
    recorded::call wait_on_run $run
    recorded::add ran $run
    set failing [flimd::environment STANDIN_FAILING_RUN]
    foreach {name value} {PROGRESS 100% STATUS Complete! STATS.WNS 0.112 STATS.WHS 0.031 STATS.TPWS 0.000 STATS.FAILED_NETS 0} {
        set recorded::property(run:$run,$name) $value
    }
    if {$run eq $failing} { set recorded::property(run:$run,PROGRESS) 34% }
    foreach pair [flimd::environment STANDIN_STATS] {
        lassign [split $pair =] name value
        set recorded::property(run:$run,$name) $value
    }
}

proc open_run {run args} {
    recorded::call open_run $run
    recorded::get ran $run
}
proc close_design {} { recorded::call close_design }

proc get_property {name token} {
    if {![info exists recorded::property($token,$name)] && [recorded::kind_of $token] ne "port"} { recorded::refuse "$token has no $name" }
    return [recorded::value $token $name]
}

proc recorded::write_report {report arguments} {
    call $report {*}$arguments
    if {![regexp -- {-file (\S+)} $arguments - file]} { refuse "$report without a file" }
    flimd::write_file $file ""
}
foreach report {report_utilization report_methodology report_timing_summary report_clock_interaction report_cdc report_drc report_power} {
    proc $report {args} "recorded::write_report $report \$args"
}

# The counts in the headings; STANDIN_UNTIMED sets others, name=count, and "name=" leaves the heading out.
proc check_timing {args} {
    recorded::call check_timing {*}$args
    set counts {no_clock 0 unconstrained_internal_endpoints 0}
    if {![regexp -- {^-override_defaults \{(.*)\} -file (\S+)$} $args - checks file]} { recorded::refuse "check_timing $args" }
    foreach pair [flimd::environment STANDIN_UNTIMED] { dict set counts {*}[split $pair =] }
    set lines {}
    foreach check $checks {
        if {[dict get $counts $check] ne ""} { lappend lines "[expr {[llength $lines] + 1}]. checking $check ([dict get $counts $check])" }
    }
    flimd::write_file $file "[join $lines \n]\n"
}

proc write_bitstream {args} {
    recorded::call write_bitstream {*}$args
    recorded::get ran impl_1
    flimd::write_file [lindex $args end] "bitstream of the stand-in"
}
