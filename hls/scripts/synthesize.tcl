# The lifetime core from C++ to an IP for Vivado, with FLIMD_BOARD set:
#   vitis-run --mode hls --tcl hls/scripts/synthesize.tcl      (Vitis 2024.1 and later)
#   vitis_hls -f hls/scripts/synthesize.tcl                    (before)
set hls_scripts [file dirname [file normalize [info script]]]
set scripts [file join [file dirname [file dirname $hls_scripts]] firmware scripts]
foreach part {settings stamp} { source [file join $scripts $part.tcl] }
foreach part {check_report loop_targets} { source [file join $hls_scripts $part.tcl] }

proc flimd::core_top {} { return [path hls vendor flimd_core_axis.cpp] }

proc flimd::core_flags {} {
    global board
    set folders [list [path hls] [path native generated] [path hls generated $board(model)]]
    set flags [lmap folder $folders { string cat -I $folder }]
    return [concat -std=c++14 $flags -DFLIMD_LANES=$board(lanes) -DFLIMD_UNROLL=$board(unroll) -DFLIMD_TURNS=$board(turns)]
}

proc flimd::open_core_project {} {
    global board
    open_project -reset core
    set_top flimd_core_axis
    add_files [core_top] -cflags [core_flags]
    add_files -tb [path hls tb flimd_core_tb.cpp] -cflags [core_flags]
    open_solution -reset -flow_target vivado solution
    set_part $board(part)
    create_clock -period [format %.3f [expr {1000.0 / $board(core_mhz)}]] -name core_clk
    config_export -format ip_catalog -vendor flimd -library hls -version 1.0 -display_name "flimd lifetime core"
}

proc flimd::synthesize_core {} {
    load_board
    # Refused here already: what follows would be built in vain.
    source_revision
    check_model_header [path hls generated $::board(model) model.h]
    file mkdir [out hls]
    cd [out hls]
    open_core_project
    csim_design
    csynth_design
    set version [check_report [out hls core solution syn report csynth.xml] [loop_targets [core_top]]]
    export_design -rtl verilog
    file delete -force [out hls ip]
    file copy [out hls core solution impl ip] [out hls ip]
    write_file [out hls version] "$version\n"
}

if {[catch {flimd::synthesize_core} message]} {
    puts stderr $message
    exit 1
}
exit 0
