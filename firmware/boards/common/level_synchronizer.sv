// A slow level into another clock domain.
module level_synchronizer (
    input  logic clk,
    input  logic from_level,
    output logic to_level
);
  (* ASYNC_REG = "TRUE" *)logic [1:0] level_reg = '0;

  always_ff @(posedge clk) level_reg <= {level_reg[0], from_level};

  assign to_level = level_reg[1];
endmodule
