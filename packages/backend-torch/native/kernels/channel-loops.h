#pragma once
// Loops over [rows, channels], compiled for the vector units that the machine may have and chosen when loaded.
#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define AWP_VECTORS __attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3")))
#else
#define AWP_VECTORS
#endif

namespace awp {

// Rows whose sum float32 holds well; beyond them, sums go on in double.
constexpr int64_t kFloatRows = 32;

// Elements below which threads cost more than they save.
constexpr int64_t kGrain = 1 << 15;

// Adds to s1 and s2 the sums of (x − pivot) and its square over at most kFloatRows rows. `a1`, `a2`: room for a row.
void add_moments(const float* x, int64_t rows, int64_t channels, const float* pivot, float* a1, float* a2, double* s1,
                 double* s2);

// Adds to s1 and s2 the sums of dy and of dy · (x − mean) over at most kFloatRows rows.
void add_gradients(const float* dy, const float* x, int64_t rows, int64_t channels, const float* mean, float* a1,
                   float* a2, double* s1, double* s2);

// The same for dy where y > 0.
void add_relu_gradients(const float* dy, const float* y, const float* x, int64_t rows, int64_t channels,
                        const float* mean, float* a1, float* a2, double* s1, double* s2);

// y = (x − mean) · factor + shift
void normalize(const float* x, int64_t rows, int64_t channels, const float* mean, const float* factor,
               const float* shift, float* y);

// The same, and 0 below 0.
void normalize_relu(const float* x, int64_t rows, int64_t channels, const float* mean, const float* factor,
                    const float* shift, float* y);

// dx = dy · factor + (x − mean) · slope + shift
void combine(const float* dy, const float* x, int64_t rows, int64_t channels, const float* mean, const float* factor,
             const float* slope, const float* shift, float* dx);

// The same for dy where y > 0.
void combine_relu(const float* dy, const float* y, const float* x, int64_t rows, int64_t channels, const float* mean,
                  const float* factor, const float* slope, const float* shift, float* dx);

// y = 1 where x > 0, alpha elsewhere, NaN for NaN
void step(const float* x, int64_t count, float alpha, float* y);

}  // namespace awp
