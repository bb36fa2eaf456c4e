// Products of small matrices, C = start + A B, tiled so that C stays in registers.
//
// An element of C is always summed over k in ascending order with one fused multiply-add each, so
// its bits depend neither on the tile it falls into nor on the thread that computes it.
#pragma once

#include <algorithm>
#include <array>
#include <utility>

#include "simd.hpp"
#include "team.hpp"

namespace steelyard {

// A(i, k) is data[i * row + k * column]: a transposed matrix is the same numbers read the other way.
struct Operand {
    const float* data;
    std::ptrdiff_t row, column;
};

enum class Start { zero, bias, accumulate };

struct Product {
    int rows, vectors, depth;  // C is rows x (vectors * lanes); the sum runs over depth
    Operand a;
    const float* b;
    std::ptrdiff_t b_stride;
    float* c;
    std::ptrdiff_t c_stride;
    Start start = Start::zero;
    const float* bias = nullptr;  // one row, padded like C, if start is bias
};

namespace gemm {

inline constexpr int widest = registers == 32 ? 5 : 3;  // vectors of C in a tile

// Rows of a tile of this width: as many as the registers hold beside its vectors of B and one of A.
constexpr int height(int width) { return std::min(16, (registers - 1 - width) / width); }

// Rows that share a panel of B in the cache, and the part of B's depth that stays in the first level.
inline constexpr int rows_per_block = 192, bytes_per_panel = 32768;

template <int rows, int width>
[[gnu::always_inline]] inline void tile(int depth, Operand a, const float* b, std::ptrdiff_t b_stride, float* c,
                                        std::ptrdiff_t c_stride, Start start, const float* bias) {
    Vec sums[rows][width];
    if (start == Start::accumulate) {
#pragma GCC unroll 16
        for (int i = 0; i < rows; ++i)
#pragma GCC unroll 8
            for (int j = 0; j < width; ++j) sums[i][j] = load(c + i * c_stride + j * lanes);
    } else {
#pragma GCC unroll 8
        for (int j = 0; j < width; ++j) {
            const Vec first = start == Start::bias ? load(bias + j * lanes) : Vec{};
#pragma GCC unroll 16
            for (int i = 0; i < rows; ++i) sums[i][j] = first;
        }
    }
    const float* at = a.data;
    for (int k = 0; k < depth; ++k, at += a.column, b += b_stride) {
        Vec right[width];
#pragma GCC unroll 8
        for (int j = 0; j < width; ++j) right[j] = load(b + j * lanes);
#pragma GCC unroll 16
        for (int i = 0; i < rows; ++i) {
            const Vec left = splat(at[i * a.row]);
#pragma GCC unroll 8
            for (int j = 0; j < width; ++j) sums[i][j] += left * right[j];
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 8
        for (int j = 0; j < width; ++j) store(c + i * c_stride + j * lanes, sums[i][j]);
}

// Tiles of 1, 2, ... rows, for the rows that are left when no full tile fits any more.
using Tile = void (*)(int, Operand, const float*, std::ptrdiff_t, float*, std::ptrdiff_t, Start, const float*);

template <int rows, int width>
void short_tile(int depth, Operand a, const float* b, std::ptrdiff_t b_stride, float* c, std::ptrdiff_t c_stride,
                Start start, const float* bias) {
    tile<rows, width>(depth, a, b, b_stride, c, c_stride, start, bias);
}
template <int width, int... rows>
constexpr std::array<Tile, sizeof...(rows)> table_of_short_tiles(std::integer_sequence<int, rows...>) {
    return {&short_tile<rows + 1, width>...};
}
template <int width>
inline constexpr auto short_tiles = table_of_short_tiles<width>(std::make_integer_sequence<int, height(width) - 1>{});

// All rows of a panel `width` vectors wide.
template <int width>
void panel(int rows, int depth, Operand a, const float* b, std::ptrdiff_t b_stride, float* c, std::ptrdiff_t c_stride,
           Start start, const float* bias) {
    constexpr int full = height(width);
    int i = 0;
    for (; i + full <= rows; i += full)
        tile<full, width>(depth, {a.data + i * a.row, a.row, a.column}, b, b_stride, c + i * c_stride, c_stride, start,
                          bias);
    if (i < rows)
        short_tiles<width>[static_cast<std::size_t>(rows - i - 1)](depth, {a.data + i * a.row, a.row, a.column}, b,
                                                                   b_stride, c + i* c_stride, c_stride, start, bias);
}

template <int... widths>
constexpr auto table_of_panels(std::integer_sequence<int, widths...>) {
    return std::array{&panel<widths + 1>...};
}
inline constexpr auto panels = table_of_panels(std::make_integer_sequence<int, widest>{});

// Rows [first, last) of the columns of one panel. Deep products are cut so that the panel of B stays in
// the first-level cache, and it is copied there in a row if it is read often enough to pay for that.
inline void block(const Product& p, int first, int last, int column, int width) {
    const auto kernel = panels[static_cast<std::size_t>(width - 1)];
    const int rows = last - first, row_floats = width * lanes;
    const int deepest = std::max(16, bytes_per_panel / static_cast<int>(sizeof(float)) / row_floats);
    const bool copied = p.b_stride != row_floats && rows >= 4 * height(width);
    alignas(64) thread_local float copy[bytes_per_panel / sizeof(float)];
    const float* bias = p.bias == nullptr ? nullptr : p.bias + column * lanes;
    int k = 0;
    do {  // at least once: a product of depth zero still starts C
        const int depth = std::min(deepest, p.depth - k);
        const float* b = p.b + k * p.b_stride + column * lanes;
        if (copied)
            for (int i = 0; i < depth; ++i)
                for (int j = 0; j < row_floats; j += lanes)
                    store(copy + i * row_floats + j, load(b + i * p.b_stride + j));
        kernel(rows, depth, {p.a.data + first * p.a.row + k * p.a.column, p.a.row, p.a.column}, copied ? copy : b,
               copied ? row_floats : p.b_stride, p.c + first * p.c_stride + column * lanes, p.c_stride,
               k == 0 ? p.start : Start::accumulate, bias);
        k += deepest;
    } while (k < p.depth);
}

}  // namespace gemm

inline void multiply(const Product& p, Team& team) {
    const int panels = (p.vectors + gemm::widest - 1) / gemm::widest;
    const int blocks = std::max(1, (p.rows + gemm::rows_per_block / 2) / gemm::rows_per_block);
    const auto task = [&](int index) {
        const int block = index / panels, which = index % panels;
        const int column = which * p.vectors / panels, width = (which + 1) * p.vectors / panels - column;
        gemm::block(p, block * p.rows / blocks, (block + 1) * p.rows / blocks, column, width);
    };
    if (2.0 * p.rows * p.depth * p.vectors * lanes > 1e6) {
        team.each(panels * blocks, task);
    } else {
        for (int i = 0; i < panels * blocks; ++i) task(i);
    }
}

// out(j, i) = in(i, j); rows of out are padded with zeros.
inline void transpose(const float* in, int rows, int columns, std::ptrdiff_t in_stride, float* out) {
    const int out_stride = padded(rows);
    for (int j0 = 0; j0 < columns; j0 += 8) {
        const int j1 = std::min(columns, j0 + 8);
        for (int i = 0; i < rows; ++i)
            for (int j = j0; j < j1; ++j) out[static_cast<std::ptrdiff_t>(j) * out_stride + i] = in[i * in_stride + j];
        for (int j = j0; j < j1; ++j)
            std::fill(out + static_cast<std::ptrdiff_t>(j) * out_stride + rows,
                      out + static_cast<std::ptrdiff_t>(j + 1) * out_stride, 0.0f);
    }
}

}  // namespace steelyard
