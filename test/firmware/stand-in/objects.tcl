# Objects of the recorded tool: each is a token "kind:name". What was never made cannot be asked for; what is set is kept.
namespace eval recorded {
    variable calls {}
    variable known
    variable property
    array set known {}
    array set property {}
}

proc recorded::call {args} { variable calls; lappend calls $args }
proc recorded::refuse {message} { return -code error -errorcode STANDIN "stand-in: $message" }

proc recorded::add {kind name} {
    variable known
    if {[info exists known($kind:$name)]} { refuse "$kind $name is there already" }
    set known($kind:$name) 1
    return $kind:$name
}

proc recorded::is {kind name} { variable known; return [info exists known($kind:$name)] }

proc recorded::get {kind name} {
    if {![is $kind $name]} { refuse "there is no $kind $name" }
    return $kind:$name
}

proc recorded::all {kind} {
    variable known
    return [lmap token [lsort -dictionary [array names known $kind:*]] { string range $token [string length $kind:] end }]
}

proc recorded::kind_of {token} { return [string range $token 0 [string first : $token]-1] }
proc recorded::name_of {token} { return [string range $token [string first : $token]+1 end] }

proc recorded::set_one {name value token} {
    variable property
    settable $name [kind_of $token] [name_of $token]
    set property($token,$name) $value
}

proc recorded::value {token name {default {}}} {
    variable property
    if {[info exists property($token,$name)]} { return $property($token,$name) }
    return $default
}

# Properties that an object of a kind has (UG912 for Vivado's own; stand-in/vendor-ip.tcl for those of IP).
proc recorded::settable {name kind object} {
    variable kind_properties
    if {$kind eq "bd_cell"} {
        if {$name ni [ip_settings $object]} { refuse "cell $object has no setting $name" }
        return
    }
    if {$name in [dict get $kind_properties $kind]} { return }
    foreach pattern [dict get $kind_properties $kind] {
        if {[string match $pattern $name]} { return }
    }
    refuse "a $kind has no property $name"
}

set recorded::kind_properties {
    project {IP_REPO_PATHS} fileset {INCLUDE_DIRS GENERIC TOP} file {PROCESSING_ORDER USED_IN_SYNTHESIS} run {STRATEGY}
    design {CFGBVS CONFIG_VOLTAGE BITSTREAM.CONFIG.*} port {PACKAGE_PIN IOSTANDARD SLEW PULLUP DRIVE}
    bd_port {CONFIG.FREQ_HZ CONFIG.ASSOCIATED_BUSIF CONFIG.ASSOCIATED_RESET CONFIG.POLARITY CONFIG.SENSITIVITY}
    bd_intf_port {CONFIG.PROTOCOL CONFIG.ADDR_WIDTH CONFIG.DATA_WIDTH CONFIG.HAS_PROT CONFIG.FREQ_HZ CONFIG.TDATA_NUM_BYTES
        CONFIG.HAS_TKEEP CONFIG.HAS_TSTRB CONFIG.HAS_TLAST CONFIG.HAS_TREADY}
}

proc set_property {args} {
    recorded::call set_property {*}$args
    if {[lindex $args 0] eq "-dict"} {
        lassign $args - pairs objects
    } else {
        lassign $args name value objects
        set pairs [list $name $value]
    }
    if {![llength $objects]} { recorded::refuse "set_property without an object: $args" }
    foreach token $objects {
        dict for {name value} $pairs { recorded::set_one $name $value $token }
    }
}
