# Block designs: cells, ports, connections, addresses; at validate_bd_design nothing that must be connected is open.
namespace eval recorded {
    variable cell_ip
    variable net_of
    variable peer_of
    variable port_shape
    variable addresses {}
    array set cell_ip {}
    array set net_of {}
    array set peer_of {}
    array set port_shape {}
}

proc create_bd_design {name} { recorded::call create_bd_design $name; recorded::add bd_design $name }

proc create_bd_cell {args} {
    recorded::call create_bd_cell {*}$args
    lassign $args type ip vlnv_flag vlnv name
    if {"$type $ip $vlnv_flag" ne "-type ip -vlnv"} { recorded::refuse "create_bd_cell $args" }
    if {![dict exists $recorded::ip_catalog $vlnv]} { recorded::refuse "no IP $vlnv" }
    set recorded::cell_ip($name) $vlnv
    return [recorded::add bd_cell $name]
}

proc create_bd_port {args} {
    recorded::call create_bd_port {*}$args
    set name [lindex $args end]
    set options [lrange $args 0 end-1]
    set recorded::port_shape($name) [dict get $options -dir]
    if {[dict get $options -type] ni {clk rst intr}} { recorded::refuse "create_bd_port $args" }
    return [recorded::add bd_port $name]
}

proc create_bd_intf_port {args} {
    recorded::call create_bd_intf_port {*}$args
    set name [lindex $args end]
    set options [lrange $args 0 end-1]
    if {![regexp {^xilinx.com:interface:(aximm|axis|diff_clock|pcie_7x_mgt)_rtl:1.0$} [dict get $options -vlnv] - type]} {
        recorded::refuse "create_bd_intf_port $args"
    }
    set recorded::port_shape($name) [list [dict get $options -mode] $type]
    return [recorded::add bd_intf_port $name]
}

foreach {command kind} {get_bd_cells bd_cell get_bd_ports bd_port get_bd_intf_ports bd_intf_port} {
    proc $command {name} "recorded::get $kind \$name"
}

proc recorded::cell_member {path part} {
    lassign [split $path /] cell name
    get bd_cell $cell
    if {![dict exists [ip_shape $cell] $part $name]} { refuse "cell $cell ($recorded::cell_ip($cell)) has no $part $name" }
    return [dict get [ip_shape $cell] $part $name]
}

proc get_bd_pins {path} { recorded::cell_member $path pins; return bd_pin:$path }
proc get_bd_intf_pins {path} { recorded::cell_member $path interfaces; return bd_intf_pin:$path }

# O where the end drives its net.
proc recorded::drives {token} {
    if {[kind_of $token] eq "bd_pin"} { return [expr {[cell_member [name_of $token] pins] eq "O"}] }
    return [expr {$recorded::port_shape([name_of $token]) eq "I"}]
}

proc connect_bd_net {args} {
    recorded::call connect_bd_net {*}$args
    variable ::recorded::net_of
    set net [lindex $args 0]
    foreach end $args { if {[info exists net_of($end)]} { set net $net_of($end) } }
    foreach end $args { set net_of($end) $net }
    set drivers [recorded::lmap end [array names net_of] { if {$net_of($end) ne $net || ![recorded::drives $end]} continue; set end }]
    if {[llength $drivers] != 1} { recorded::refuse "a net has [llength $drivers] drivers: $args" }
}

# Master or Slave as seen from inside the design, and the type.
proc recorded::interface_end {token} {
    set name [name_of $token]
    if {[kind_of $token] eq "bd_intf_pin"} { return [cell_member $name interfaces] }
    lassign $recorded::port_shape($name) mode type
    return [list [dict get {Master Slave Slave Master} $mode] $type]
}

proc connect_bd_intf_net {from to} {
    recorded::call connect_bd_intf_net $from $to
    variable ::recorded::peer_of
    foreach end [list $from $to] { if {[info exists peer_of($end)]} { recorded::refuse "$end is connected already" } }
    lassign [recorded::interface_end $from] from_mode from_type
    lassign [recorded::interface_end $to] to_mode to_type
    if {$from_mode eq $to_mode || $from_type ne $to_type} {
        recorded::refuse "$from ($from_mode $from_type) does not fit $to ($to_mode $to_type)"
    }
    set peer_of($from) $to
    set peer_of($to) $from
}

proc get_bd_addr_spaces {name} {
    if {[string match */* $name]} { recorded::cell_member $name interfaces } else { recorded::get bd_intf_port $name }
    return bd_addr_space:$name
}

proc get_bd_addr_segs {name} {
    if {[file tail $name] ne "Reg"} { recorded::refuse "no address segment $name" }
    set of [file dirname $name]
    if {[string match */* $of]} { recorded::cell_member $of interfaces } else { recorded::get bd_intf_port $of }
    return bd_addr_seg:$name
}

proc recorded::bytes {range} {
    if {![regexp {^(\d+)([KM])$} $range - count unit]} { refuse "an address range of $range" }
    return [expr {$count * [dict get {K 1024 M 1048576} $unit]}]
}

proc assign_bd_address {args} {
    recorded::call assign_bd_address {*}$args
    set options [lrange $args 0 end-1]
    set offset [dict get $options -offset]
    set bytes [recorded::bytes [dict get $options -range]]
    if {$offset % $bytes} { recorded::refuse "$offset is no multiple of its range: $args" }
    set space [dict get $options -target_address_space]
    foreach other $recorded::addresses {
        lassign $other other_space segment start length
        if {$segment eq [lindex $args end] && $start != $offset} { recorded::refuse "$segment lies at two addresses" }
        if {$other_space eq $space && $offset < $start + $length && $start < $offset + $bytes} {
            recorded::refuse "$segment and [lindex $args end] overlap in $space"
        }
    }
    lappend recorded::addresses [list $space [lindex $args end] $offset $bytes]
}

proc exclude_bd_addr_seg {args} { recorded::call exclude_bd_addr_seg {*}$args }

proc recorded::refuse_open_cells {} {
    foreach cell [all bd_cell] {
        foreach name [dict get [ip_shape $cell] must] {
            if {![info exists recorded::net_of(bd_pin:$cell/$name)] && ![info exists recorded::peer_of(bd_intf_pin:$cell/$name)]} {
                refuse "$cell/$name is not connected"
            }
        }
    }
}

proc recorded::refuse_open_ports {} {
    foreach name [all bd_port] { if {![info exists recorded::net_of(bd_port:$name)]} { refuse "port $name is not connected" } }
    set clocked {}
    foreach name [all bd_port] { lappend clocked {*}[split [value bd_port:$name CONFIG.ASSOCIATED_BUSIF] :] }
    foreach name [all bd_intf_port] {
        if {![info exists recorded::peer_of(bd_intf_port:$name)]} { refuse "interface $name is not connected" }
        if {[lindex $recorded::port_shape($name) 1] in {aximm axis} && $name ni $clocked} { refuse "$name belongs to no clock" }
    }
    foreach name $clocked { get bd_intf_port $name }
}

proc validate_bd_design {} {
    recorded::call validate_bd_design
    recorded::refuse_open_cells
    recorded::refuse_open_ports
    if {![llength $recorded::addresses]} { recorded::refuse "no addresses are assigned" }
}

proc save_bd_design {} {
    recorded::call save_bd_design
    recorded::add file flimd_system.bd
    flimd::write_file [flimd::out flimd_system.sv] [recorded::module_of_design flimd_system]
}

proc generate_target {what file} { recorded::call generate_target $what $file; recorded::get file [recorded::name_of $file] }
