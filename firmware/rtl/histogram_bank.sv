// One half of the histogram memory: 64-bit words of four bins, one port to read, one to write, both of `clk`:
// block RAM with its output register. Read data come two enabled cycles behind the address. What a read of a word
// gives that is written at the same edge does not matter: event_accumulator forwards, histogram_reader never does it.
module histogram_bank #(
    parameter int WORD_BITS = 12
) (
    input  logic                 clk,
    input  logic                 read_enable,
    input  logic [WORD_BITS-1:0] read_address,
    output logic [         63:0] read_data,
    input  logic                 write_enable,
    input  logic [WORD_BITS-1:0] write_address,
    input  logic [         63:0] write_data
);
  (* ram_style = "block" *) logic [63:0] memory[0:(1<<WORD_BITS)-1];
  logic [63:0] array_output;

  always_ff @(posedge clk) begin
    if (write_enable) memory[write_address] <= write_data;
    if (read_enable) begin
      array_output <= memory[read_address];
      read_data <= array_output;
    end
  end
endmodule
