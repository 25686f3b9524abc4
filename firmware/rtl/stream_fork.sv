// One stream to two receivers, each at its own pace: a beat is gone when every receiver that is asked for has had it.
// Where none is asked for, beats are swallowed.
`default_nettype none

module stream_fork (
    input  wire  clk,
    input  wire  rst_n,
    // Constant while a frame is under way.
    input  wire  to_a,
    input  wire  to_b,
    input  wire  s_axis_tvalid,
    output logic s_axis_tready,
    input  wire  [63:0] s_axis_tdata,
    input  wire  s_axis_tlast,
    output logic a_tvalid,
    input  wire  a_tready,
    output logic b_tvalid,
    input  wire  b_tready,
    output logic [63:0] m_axis_tdata,
    output logic m_axis_tlast
);
  logic a_had_reg, b_had_reg;

  assign m_axis_tdata = s_axis_tdata;
  assign m_axis_tlast = s_axis_tlast;
  assign a_tvalid = s_axis_tvalid && to_a && !a_had_reg;
  assign b_tvalid = s_axis_tvalid && to_b && !b_had_reg;
  wire a_has = !to_a || a_had_reg || a_tready;
  wire b_has = !to_b || b_had_reg || b_tready;
  assign s_axis_tready = a_has && b_has;

  always_ff @(posedge clk) begin
    if (!rst_n || (s_axis_tvalid && s_axis_tready)) begin
      {a_had_reg, b_had_reg} <= 2'b00;
    end else if (s_axis_tvalid) begin
      a_had_reg <= to_a && a_has;
      b_had_reg <= to_b && b_has;
    end
  end
endmodule

`default_nettype wire
