// A reset of one clock domain from a reset that knows no clock: falls at once, rises CYCLES clocks after its cause is gone.
// Several domains that reset each other's FIFOs take the same cause, and CYCLES long enough that their resets overlap.
module reset_synchronizer #(
    parameter int CYCLES = 32
) (
    input  logic clk,
    input  logic async_rst_n,
    output logic rst_n
);
  (* ASYNC_REG = "TRUE" *)logic [CYCLES-1:0] released_reg = '0;

  always_ff @(posedge clk or negedge async_rst_n)
    if (!async_rst_n) released_reg <= '0;
    else released_reg <= {released_reg[CYCLES-2:0], 1'b1};

  assign rst_n = released_reg[CYCLES-1];
endmodule
