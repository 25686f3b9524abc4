# Addresses in BAR 0: the device's registers (docs/registers.md), then the control registers of the lifetime core.
# The core lies at the same address for every master: an interconnect decodes for all of them alike.
namespace eval flimd {
    variable registers_base 0x00000000
    variable registers_range 4K
    variable core_base 0x00010000
    variable core_range 64K
}

proc flimd::map_core {space} {
    variable core_base
    variable core_range
    assign_bd_address -target_address_space [get_bd_addr_spaces $space] -offset $core_base -range $core_range \
        [get_bd_addr_segs lifetime_core/s_axi_control/Reg]
}

proc flimd::map_registers {space} {
    variable registers_base
    variable registers_range
    assign_bd_address -target_address_space [get_bd_addr_spaces $space] -offset $registers_base -range $registers_range \
        [get_bd_addr_segs M_AXIL_REGISTERS/Reg]
}
