# What a bitstream says of itself: source revision, model hash, bitstream id.

# The 40 digits of the commit, or "" where a dirty tree was allowed. A dirty tree is refused otherwise:
# its bitstream would claim to be made from a commit that it is not made from.
proc flimd::source_revision {} {
    set changes [exec git -C [path] status --porcelain]
    if {$changes eq ""} { return [exec git -C [path] rev-parse HEAD] }
    if {[environment FLIMD_ALLOW_DIRTY] eq "1"} { return "" }
    fail "the working tree has changes:\n$changes\ncommit them, or set FLIMD_ALLOW_DIRTY=1 for a bitstream whose source revision reads 0"
}

proc flimd::sha256_text {text} {
    return [lindex [exec sha256sum << $text] 0]
}

proc flimd::sha256_file {file} {
    return [lindex [exec sha256sum [require_file $file]] 0]
}

# A bitstream cannot hold its own hash; its id is the hash of what it was built from, one fact a line.
# Without a revision there is nothing to know the sources by: the time makes the id unlike any other.
proc flimd::bitstream_id {revision tools} {
    global board
    set facts [list "flimd bitstream 1" "board $board(name)" "model $board(model_hash)"]
    if {$revision eq ""} { lappend facts "unversioned [clock seconds]" } else { lappend facts "revision $revision" }
    set own [environment FLIMD_PINS]
    if {$own ne ""} { lappend facts "pins [sha256_file $own]" }
    foreach tool $tools { lappend facts "tool $tool" }
    return [string range [sha256_text "[join $facts \n]\n"] 0 31]
}

# Bytes in memory order as a Verilog literal: byte 0 lands in bits 7:0.
proc flimd::verilog_bytes {hex bytes} {
    set hex [string range "$hex[string repeat 0 [expr {2 * $bytes}]]" 0 [expr {2 * $bytes - 1}]]
    set reversed ""
    for {set i 0} {$i < $bytes} {incr i} { set reversed "[string range $hex [expr {2 * $i}] [expr {2 * $i + 1}]]$reversed" }
    return "[expr {8 * $bytes}]'h$reversed"
}

proc flimd::ascii_hex {text} {
    binary scan $text H* hex
    return $hex
}

# The facts of this build, written down with the core so that the bitstream is stamped with the same.
proc flimd::make_stamp {revision tools} {
    global board
    return [dict create revision $revision model_hash $board(model_hash) bitstream_id [bitstream_id $revision $tools] tools $tools]
}

# The model the core was made from must be the one the registers will tell of.
proc flimd::check_model_header {file} {
    global board
    set bytes {}
    foreach pair [regexp -all -inline {..} [string range $board(model_hash) 0 15]] { lappend bytes $pair }
    set forward [join $bytes ""]
    set backward [join [lreverse $bytes] ""]
    set text [string tolower [read_file $file]]
    if {[string first $forward $text] < 0 && [string first $backward $text] < 0} {
        fail "$file was not made from the model $board(model) (hash $forward…): run `npm run generate` and commit"
    }
}
