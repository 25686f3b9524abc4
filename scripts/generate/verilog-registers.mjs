// firmware/generated/register_file.sv: the register map of src/protocol/registers.ts as an AXI-Lite slave.

/** Configuration that the device may lower by itself when it is armed. */
const LOWERED = new Set(['rowsPerPacket']);
/** Wide numbers that run: reading the low word keeps the high word of that moment. */
const LATCHED = new Set(['ticks']);

/** What the register file itself knows. */
const OWN = new Set(['lastRefusal']);

/** Names that Verilog keeps for itself. */
const KEYWORDS = { output: 'output_mask', bins: 'bin_count' };

const snake = (name) => KEYWORDS[name] ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const address = (value) => `12'h${value.toString(16).padStart(3, '0')}`;
const range = (words) => `[${32 * words - 1}:0]`;

function ports({ name, words, access }) {
  const signal = snake(name);
  if (OWN.has(name)) return [];
  if (access === 'ro') return [`input  wire  ${range(words)} ${signal}`];
  if (access === 'wo') return [`output logic ${signal}_strobe`, `output logic [31:0] ${signal}`];
  if (access === 'w1c') return [`input  wire  [31:0] ${signal}`, `output logic [31:0] ${signal}_clear`];
  const lowered = LOWERED.has(name)
    ? [`input  wire  ${signal}_lower`, `input  wire  [31:0] ${signal}_lowered`]
    : [];
  return [`input  wire  [31:0] ${signal}_initial`, ...lowered, `output logic [31:0] ${signal}`];
}

function readCases({ name, words, access, address: first }) {
  if (access === 'wo') return [];
  const signal = snake(name);
  return Array.from({ length: words }, (_, word) => {
    const latched = LATCHED.has(name) && word > 0;
    const value = latched ? `${signal}_high_reg` : words === 1 ? signal : `${signal}[${32 * word} +: 32]`;
    return `      ${address(first + 4 * word)}: read_value = ${value};`;
  });
}

const writable = (wanted) => (registers) => registers.filter(({ access }) => access === wanted);

function resets(registers) {
  return writable('rw')(registers).map(({ name }) => `      ${snake(name)} <= ${snake(name)}_initial;`);
}

function writes(registers) {
  return writable('rw')(registers).map(
    ({ name, address: at }) =>
      `      if (write_taken && write_address == ${address(at)}) ${snake(name)} <= write_value;`,
  );
}

function lowerings(registers) {
  return registers
    .filter(({ name }) => LOWERED.has(name))
    .map(({ name }) => `      if (${snake(name)}_lower) ${snake(name)} <= ${snake(name)}_lowered;`);
}

function strobes(registers) {
  return [
    ...writable('wo')(registers).flatMap(({ name, address: at }) => [
      `  assign ${snake(name)}_strobe = write_taken && write_address == ${address(at)};`,
      `  assign ${snake(name)} = write_value;`,
    ]),
    ...writable('w1c')(registers).map(
      ({ name, address: at }) =>
        `  assign ${snake(name)}_clear = write_taken && write_address == ${address(at)} ? write_value : 32'd0;`,
    ),
  ];
}

/** The conditions under which a write to an address of the map is possible at all. */
function writability(registers) {
  const cases = (access, value) =>
    writable(access)(registers).map(({ address: at }) => `      ${address(at)}: write_known = ${value};`);
  return [...cases('rw', '!locked'), ...cases('wo', "1'b1"), ...cases('w1c', "1'b1")];
}

function latches(registers) {
  return registers
    .filter(({ name }) => LATCHED.has(name))
    .map(({ name, address: at }) => ({ signal: snake(name), at: address(at) }));
}

export function verilogRegisterFile({ registerBlocks }) {
  const registers = registerBlocks.flatMap((block) => block.registers);
  const latched = latches(registers);
  return `// Generated from src/protocol/registers.ts by \`npm run generate\`, where the meanings stand. Do not edit.
//
// The register map as an AXI-Lite slave, one access at a time. SLVERR: an address without a register, a write to a
// read-only register, a read of a write-only one, configuration while \`locked\`, a part of a word, and whatever
// \`write_refused\` (register_guards, combinational from write_address and write_value) objects to.
\`default_nettype none

module register_file (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  [11:0] s_axil_awaddr,
    input  wire  s_axil_awvalid,
    output logic s_axil_awready,
    input  wire  [31:0] s_axil_wdata,
    input  wire  [3:0] s_axil_wstrb,
    input  wire  s_axil_wvalid,
    output logic s_axil_wready,
    output logic [1:0] s_axil_bresp,
    output logic s_axil_bvalid,
    input  wire  s_axil_bready,
    input  wire  [11:0] s_axil_araddr,
    input  wire  s_axil_arvalid,
    output logic s_axil_arready,
    output logic [31:0] s_axil_rdata,
    output logic [1:0] s_axil_rresp,
    output logic s_axil_rvalid,
    input  wire  s_axil_rready,
    // No access begins while the device acts on a command.
    input  wire  busy,
    input  wire  locked,
    output logic [11:0] write_address,
    output logic [31:0] write_value,
    input  wire  write_refused,
${registers
  .flatMap(ports)
  .map((port) => `    ${port}`)
  .join(',\n')}
);
  localparam logic [1:0] OKAY = 2'b00;
  localparam logic [1:0] SLVERR = 2'b10;

  assign write_address = s_axil_awaddr;
  assign write_value = s_axil_wdata;

  // Both channels of a write are taken together; a write comes before a read.
  wire write_offered = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid && !busy;
  wire read_offered = s_axil_arvalid && !s_axil_rvalid && !busy && !write_offered;
  assign s_axil_awready = write_offered;
  assign s_axil_wready = write_offered;
  assign s_axil_arready = read_offered;

  logic write_known;
  always_comb begin
    case (write_address)
${writability(registers).join('\n')}
      default: write_known = 1'b0;
    endcase
  end
  wire write_taken = write_offered && write_known && (&s_axil_wstrb) && !write_refused;

  // Accesses refused, whether the last was a write, and its address: for a host whose bus does not tell (posted writes).
  logic [31:0] last_refusal;
${latched.map(({ signal }) => `  logic [31:0] ${signal}_high_reg;`).join('\n')}
  logic [31:0] read_value;
  logic read_known;
  always_comb begin
    read_known = 1'b1;
    case (s_axil_araddr)
${registers.flatMap(readCases).join('\n')}
      default: begin
        read_value = 32'd0;
        read_known = 1'b0;
      end
    endcase
  end

${strobes(registers).join('\n')}

  always_ff @(posedge clk) begin
    if (!rst_n) begin
${resets(registers).join('\n')}
    end else begin
${writes(registers).join('\n')}
${lowerings(registers).join('\n')}
    end
  end

  always_ff @(posedge clk) begin
${latched.map(({ signal, at }) => `    if (read_offered && s_axil_araddr == ${at}) ${signal}_high_reg <= ${signal}[63:32];`).join('\n')}
    if (read_offered) begin
      s_axil_rdata <= read_value;
      s_axil_rresp <= read_known ? OKAY : SLVERR;
    end
    if (write_offered) s_axil_bresp <= write_taken ? OKAY : SLVERR;
    if (!rst_n) last_refusal <= 32'd0;
    else if (write_offered && !write_taken) last_refusal <= {last_refusal[31:16] + 16'd1, 4'h8, write_address};
    else if (read_offered && !read_known) last_refusal <= {last_refusal[31:16] + 16'd1, 4'h0, s_axil_araddr};
    if (!rst_n) begin
      s_axil_bvalid <= 1'b0;
      s_axil_rvalid <= 1'b0;
    end else begin
      s_axil_bvalid <= write_offered || (s_axil_bvalid && !s_axil_bready);
      s_axil_rvalid <= read_offered || (s_axil_rvalid && !s_axil_rready);
    end
  end
endmodule

\`default_nettype wire
`;
}
