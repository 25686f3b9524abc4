// Dot product of a row with UNROLL inputs a cycle: int8 weights, WIDTH-bit inputs. The sum of a row is at `sum` while
// `done` is high, 4 cycles after its column marked `last`.
`default_nettype none

module dot_column #(
    parameter int UNROLL = 8,
    parameter int WIDTH = 8,
    parameter int SUM_BITS = 24
) (
    input  wire  clk,
    input  wire  rst_n,
    input  wire  valid,
    input  wire  first,
    input  wire  last,
    input  wire  [8*UNROLL-1:0] weights,
    input  wire  [WIDTH*UNROLL-1:0] inputs,
    output logic done,
    output logic signed [SUM_BITS-1:0] sum
);
  localparam int PRODUCT_BITS = WIDTH + 8;
  // Three levels of adders in a cycle would be many: sums of up to four products, then the sum of those.
  localparam int GROUP = UNROLL < 4 ? UNROLL : 4;
  localparam int GROUPS = UNROLL / GROUP;
  localparam int GROUP_BITS = PRODUCT_BITS + 2;

  logic [PRODUCT_BITS*UNROLL-1:0] products_reg;
  logic [GROUP_BITS*GROUPS-1:0] groups_reg;
  logic signed [SUM_BITS-1:0] column, column_reg;
  logic [2:0] valid_reg, first_reg, last_reg;
  genvar k, g;

  generate
    for (k = 0; k < UNROLL; k++) begin : gen_product
      wire signed [7:0] weight = weights[8*k+:8];
      wire signed [WIDTH-1:0] operand = inputs[WIDTH*k+:WIDTH];
      logic signed [PRODUCT_BITS-1:0] product_reg;
      always_ff @(posedge clk) product_reg <= weight * operand;
      assign products_reg[PRODUCT_BITS*k+:PRODUCT_BITS] = product_reg;
    end
    for (g = 0; g < GROUPS; g++) begin : gen_group
      logic signed [GROUP_BITS-1:0] total;
      always_comb begin
        total = '0;
        for (int i = 0; i < GROUP; i++) begin
          total = total + GROUP_BITS'($signed(products_reg[PRODUCT_BITS*(GROUP*g+i)+:PRODUCT_BITS]));
        end
      end
      always_ff @(posedge clk) groups_reg[GROUP_BITS*g+:GROUP_BITS] <= total;
    end
  endgenerate

  always_comb begin
    column = '0;
    for (int i = 0; i < GROUPS; i++) column = column + SUM_BITS'($signed(groups_reg[GROUP_BITS*i+:GROUP_BITS]));
  end

  always_ff @(posedge clk) begin
    column_reg <= column;
    first_reg <= {first_reg[1:0], first};
    last_reg <= {last_reg[1:0], last};
    valid_reg <= rst_n ? {valid_reg[1:0], valid} : '0;
    done <= rst_n && valid_reg[2] && last_reg[2];
    if (valid_reg[2]) sum <= (first_reg[2] ? '0 : sum) + column_reg;
  end
endmodule

`default_nettype wire
