// One pulse of from_clk becomes one pulse of to_clk. Pulses must be at least three to_clk cycles apart;
// where they are not, count_crossing loses none.
module pulse_crossing (
    input  logic from_clk,
    input  logic from_rst_n,
    input  logic from_pulse,
    input  logic to_clk,
    input  logic to_rst_n,
    output logic to_pulse
);
  logic toggle_reg;
  (* ASYNC_REG = "TRUE" *) logic toggle_meta, toggle_in_to;
  logic toggle_before;

  always_ff @(posedge from_clk) begin
    if (!from_rst_n) toggle_reg <= 0;
    else toggle_reg <= toggle_reg ^ from_pulse;
  end

  assign to_pulse = toggle_in_to ^ toggle_before;

  always_ff @(posedge to_clk) begin
    if (!to_rst_n) begin
      toggle_meta <= 0;
      toggle_in_to <= 0;
      toggle_before <= 0;
    end else begin
      toggle_meta <= toggle_reg;
      toggle_in_to <= toggle_meta;
      toggle_before <= toggle_in_to;
    end
  end
endmodule
