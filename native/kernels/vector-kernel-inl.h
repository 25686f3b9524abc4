// The kernel around VectorEncoder.
//
// Included inside the namespace and target region of each kernel (simd-target.h), after vector-encoder-inl.h.

template <class Ops, int kUnits>
class VectorKernel final : public LifetimeKernel {
 public:
  VectorKernel(const Network& network, const GatePlan& plan) : encoder_(network), rules_(network, plan) {}

  Simd simd() const noexcept override { return Ops::kSimd; }

  void compute(const LifetimeJob& job, std::size_t first, std::size_t end) const noexcept override {
    PixelStage<VectorEncoder<Ops, kUnits>>(encoder_, rules_, job).run(first, end);
  }

 private:
  VectorEncoder<Ops, kUnits> encoder_;
  PixelRules rules_;
};

// There is code for 8, 16, 32 and 64 units; a network of another size is padded to the next of these.
template <class Ops>
LifetimeKernel* new_vector_kernel(const Network& network, const GatePlan& plan) {
  if (network.hidden <= 8) return new VectorKernel<Ops, 8>(network, plan);
  if (network.hidden <= 16) return new VectorKernel<Ops, 16>(network, plan);
  if (network.hidden <= 32) return new VectorKernel<Ops, 32>(network, plan);
  return new VectorKernel<Ops, 64>(network, plan);
}
