// Ports of the vendor's primitives that the boards use (UG953), for linting the tops.
module BUFG (
    input  wire I,
    output wire O
);
endmodule
module IOBUF (
    input  wire I,
    input  wire T,
    output wire O,
    inout  wire IO
);
endmodule
module XADC #(
    parameter logic [15:0] INIT_42 = 16'h0800
) (
    input wire DCLK,
    input wire RESET,
    input wire DEN,
    input wire DWE,
    input wire [6:0] DADDR,
    input wire [15:0] DI,
    output wire [15:0] DO,
    output wire DRDY,
    input wire CONVST,
    input wire CONVSTCLK,
    input wire VP,
    input wire VN,
    input wire [15:0] VAUXP,
    input wire [15:0] VAUXN
);
endmodule
