// Two banks of payload words: one is filled while the other is sent (store and forward, so that the CRC of a payload
// is known before its header leaves). A bank goes filling → filled (`fill_done`) → ready (`commit`) → sent → free.
`default_nettype none

module payload_banks #(
    parameter int ADDRESS_BITS = 9
) (
    input  wire  clk,
    input  wire  rst_n,
    // Forgets everything; only while nothing of a bank is under way.
    input  wire  discard,
    output logic bank_free,
    input  wire  write_valid,
    input  wire  [ADDRESS_BITS-1:0] write_address,
    input  wire  [63:0] write_data,
    input  wire  fill_done,
    // The oldest filled bank is ready to be sent; may come with its `fill_done`.
    input  wire  commit,
    input  wire  [ADDRESS_BITS:0] commit_words,
    input  wire  [15:0] commit_first_row,
    input  wire  [15:0] commit_rows,
    input  wire  commit_last,
    input  wire  [31:0] commit_crc,
    // The oldest ready bank: its description, and its words as a stream. Both stay until the last word is taken.
    output logic ready,
    output logic [ADDRESS_BITS:0] words,
    output logic [15:0] first_row,
    output logic [15:0] rows,
    output logic last,
    output logic [31:0] crc,
    output logic m_axis_tvalid,
    input  wire  m_axis_tready,
    output logic [63:0] m_axis_tdata,
    output logic m_axis_tlast
);
  localparam int DESCRIPTION_BITS = ADDRESS_BITS + 1 + 16 + 16 + 1 + 32;

  logic [63:0] memory[0:2**(ADDRESS_BITS+1)-1];
  logic [DESCRIPTION_BITS-1:0] description_reg[2];
  logic [1:0] taken_reg;
  logic [1:0] ready_reg;
  logic fill_bank_reg;
  logic commit_bank_reg;
  logic send_bank_reg;
  logic [ADDRESS_BITS:0] send_address_reg;

  assign bank_free = !taken_reg[fill_bank_reg];
  assign ready = ready_reg[send_bank_reg];
  assign {words, first_row, rows, last, crc} = description_reg[send_bank_reg];

  wire advance = !m_axis_tvalid || m_axis_tready;
  wire more = ready && send_address_reg != words;
  wire sent = m_axis_tvalid && m_axis_tready && m_axis_tlast;

  always_ff @(posedge clk) begin
    if (write_valid) memory[{fill_bank_reg, write_address}] <= write_data;
    if (advance) m_axis_tdata <= memory[{send_bank_reg, send_address_reg[ADDRESS_BITS-1:0]}];
  end

  always_ff @(posedge clk) begin
    if (commit) begin
      description_reg[commit_bank_reg] <=
          {commit_words, commit_first_row, commit_rows, commit_last, commit_crc};
    end
    if (!rst_n || discard) begin
      {taken_reg, ready_reg} <= '0;
      {fill_bank_reg, commit_bank_reg, send_bank_reg} <= '0;
      send_address_reg <= '0;
      m_axis_tvalid <= 1'b0;
      m_axis_tlast <= 1'b0;
    end else begin
      if (fill_done) begin
        taken_reg[fill_bank_reg] <= 1'b1;
        fill_bank_reg <= !fill_bank_reg;
      end
      if (commit) begin
        ready_reg[commit_bank_reg] <= 1'b1;
        commit_bank_reg <= !commit_bank_reg;
      end
      if (advance) begin
        m_axis_tvalid <= more;
        m_axis_tlast <= more && send_address_reg + 1'b1 == words;
        if (more) send_address_reg <= send_address_reg + 1'b1;
      end
      if (sent) begin
        taken_reg[send_bank_reg] <= 1'b0;
        ready_reg[send_bank_reg] <= 1'b0;
        send_bank_reg <= !send_bank_reg;
        send_address_reg <= '0;
      end
    end
  end
endmodule

`default_nettype wire
