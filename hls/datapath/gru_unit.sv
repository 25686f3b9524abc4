// A unit of the recurrent encoder for one pixel lane (docs/fixed-point.md §2): UNROLL inputs of its rows z, r and nh a
// cycle, then rounding, activations and the new state; a column can begin every cycle. What belongs to the unit and not
// to a column (inputs, biases, shifts, the state before) is taken in the cycle in which `take` is high, two after the last
// column. The new state is there `DEPTH` cycles after the last column.
`default_nettype none

module gru_unit #(
    parameter int UNROLL = 8,
    parameter int DEPTH = 18
) (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  valid,
    input  wire  first,
    input  wire  last,
    input  wire  [8*UNROLL-1:0] z_weights,
    input  wire  [8*UNROLL-1:0] r_weights,
    input  wire  [8*UNROLL-1:0] nh_weights,
    input  wire  [8*UNROLL-1:0] operands,
    output logic take,
    input  wire  [10:0] gate_feature,  // Q7, 0 to 1024
    input  wire  signed [11:0] photon_feature,
    input  wire  [23:0] input_weights,  // of z, r, nx from the low byte on
    input  wire  [23:0] photon_weights,
    input  wire  [4*23-1:0] biases,  // of z, r, nh, nx
    input  wire  [4*5-1:0] shifts,
    input  wire  signed [15:0] state_before,
    output logic done,
    output logic signed [15:0] state,
    output logic signed [7:0] operand
);
  localparam int SUM_BITS = 24;

  // Cycles 0 to 4: dot products of the three rows.
  logic [2:0] row_done;
  logic signed [SUM_BITS-1:0] z_dot, r_dot, nh_dot;
  dot_column #(.UNROLL(UNROLL), .WIDTH(8), .SUM_BITS(SUM_BITS)) z_row (
      .clk(clk), .rst_n(rst_n), .valid(valid), .first(first), .last(last),
      .weights(z_weights), .inputs(operands), .done(row_done[0]), .sum(z_dot));
  dot_column #(.UNROLL(UNROLL), .WIDTH(8), .SUM_BITS(SUM_BITS)) r_row (
      .clk(clk), .rst_n(rst_n), .valid(valid), .first(first), .last(last),
      .weights(r_weights), .inputs(operands), .done(row_done[1]), .sum(r_dot));
  dot_column #(.UNROLL(UNROLL), .WIDTH(8), .SUM_BITS(SUM_BITS)) nh_row (
      .clk(clk), .rst_n(rst_n), .valid(valid), .first(first), .last(last),
      .weights(nh_weights), .inputs(operands), .done(row_done[2]), .sum(nh_dot));

  // Cycles 2 to 4: what the two inputs add, with the biases.
  logic [1:0] taken_reg;
  assign take = taken_reg[1];
  always_ff @(posedge clk) taken_reg <= rst_n ? {taken_reg[0], valid && last} : '0;

  logic [3*SUM_BITS-1:0] inputs_reg;  // z, r, nx
  logic signed [SUM_BITS-1:0] nh_bias_reg, nh_bias_later_reg;
  genvar row;
  generate
    for (row = 0; row < 3; row++) begin : gen_input
      localparam int BIAS = row == 2 ? 3 : row;
      wire signed [7:0] input_weight = input_weights[8*row+:8];
      wire signed [7:0] photon_weight = photon_weights[8*row+:8];
      logic signed [19:0] input_product_reg, photon_product_reg;
      logic signed [22:0] bias_reg;
      always_ff @(posedge clk) begin
        input_product_reg <= input_weight * $signed({1'b0, gate_feature});
        photon_product_reg <= photon_weight * photon_feature;
        bias_reg <= biases[23*BIAS+:23];
        inputs_reg[SUM_BITS*row+:SUM_BITS] <=
            SUM_BITS'(input_product_reg) + SUM_BITS'(photon_product_reg) + SUM_BITS'(bias_reg);
      end
    end
  endgenerate
  always_ff @(posedge clk) begin
    nh_bias_reg <= SUM_BITS'($signed(biases[23*2+:23]));
    nh_bias_later_reg <= nh_bias_reg;
  end

  // Cycle 5: accumulators; to 7: rounded and saturated.
  logic signed [SUM_BITS-1:0] z_sum_reg, r_sum_reg, nh_sum_reg, nx_sum_reg;
  always_ff @(posedge clk) begin
    z_sum_reg <= z_dot + $signed(inputs_reg[0+:SUM_BITS]);
    r_sum_reg <= r_dot + $signed(inputs_reg[SUM_BITS+:SUM_BITS]);
    nh_sum_reg <= nh_dot + nh_bias_later_reg;
    nx_sum_reg <= inputs_reg[2*SUM_BITS+:SUM_BITS];
  end
  logic [19:0] shifts_now;
  delay_line #(.WIDTH(20), .CYCLES(3)) shift_delay (.clk(clk), .value(shifts), .delayed(shifts_now));
  logic signed [15:0] z_p, r_p, nh_p, nx_p;
  round_saturate #(.WIDTH(SUM_BITS)) z_round (.clk(clk), .accumulator(z_sum_reg), .shift(shifts_now[4:0]), .rounded(z_p));
  round_saturate #(.WIDTH(SUM_BITS)) r_round (.clk(clk), .accumulator(r_sum_reg), .shift(shifts_now[9:5]), .rounded(r_p));
  round_saturate #(.WIDTH(SUM_BITS)) nh_round (
      .clk(clk), .accumulator(nh_sum_reg), .shift(shifts_now[14:10]), .rounded(nh_p));
  round_saturate #(.WIDTH(SUM_BITS)) nx_round (
      .clk(clk), .accumulator(nx_sum_reg), .shift(shifts_now[19:15]), .rounded(nx_p));

  // To cycle 10: the gates z and r; to 12: what goes into n; to 15: n.
  logic signed [15:0] z, r, n, nh_later, nx_later, z_later, candidate_reg;
  logic signed [31:0] reset_product_reg, candidate;
  activation #(.SIGMOID(1)) z_gate (.clk(clk), .p(z_p), .y(z));
  activation #(.SIGMOID(1)) r_gate (.clk(clk), .p(r_p), .y(r));
  delay_line #(.WIDTH(16), .CYCLES(3)) nh_delay (.clk(clk), .value(nh_p), .delayed(nh_later));
  delay_line #(.WIDTH(16), .CYCLES(4)) nx_delay (.clk(clk), .value(nx_p), .delayed(nx_later));
  assign candidate = 32'(nx_later) + ((reset_product_reg + 32'sh4000) >>> 15);
  always_ff @(posedge clk) begin
    reset_product_reg <= r * nh_later;
    if (candidate > 32767) candidate_reg <= 16'sh7fff;
    else if (candidate < -32768) candidate_reg <= 16'sh8000;
    else candidate_reg <= candidate[15:0];
  end
  activation #(.SIGMOID(0)) n_gate (.clk(clk), .p(candidate_reg), .y(n));

  // To cycle 18: the new state, and with it the int8 operand of the next gate.
  logic signed [15:0] before_later;
  delay_line #(.WIDTH(16), .CYCLES(5)) z_delay (.clk(clk), .value(z), .delayed(z_later));
  delay_line #(.WIDTH(16), .CYCLES(13)) before_delay (.clk(clk), .value(state_before), .delayed(before_later));
  logic signed [31:0] kept_reg, new_reg, next_reg;
  always_ff @(posedge clk) begin
    kept_reg <= z_later * before_later;
    new_reg <= $signed(16'sd32767 - z_later) * n;
    next_reg <= ((kept_reg + 32'sh4000) >>> 15) + ((new_reg + 32'sh4000) >>> 15);
    if (next_reg > 32767) state <= 16'sh7fff;
    else if (next_reg < -32768) state <= 16'sh8000;
    else state <= next_reg[15:0];
  end
  wire signed [16:0] raised = 17'(state) + 17'sd128;
  assign operand = raised > 17'sd32767 ? 8'sd127 : raised[15:8];

  // From the sums (cycle 4) to the state.
  delay_line #(.WIDTH(1), .CYCLES(DEPTH - 4)) done_delay (.clk(clk), .value(rst_n && row_done[0]), .delayed(done));
endmodule

`default_nettype wire
