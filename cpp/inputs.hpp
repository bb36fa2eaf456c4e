// One batch of inputs, gathered from the shared table and scaled on the way, so that no fold needs
// a copy of the data.
#pragma once

#include <vector>

#include "job.hpp"
#include "parameters.hpp"
#include "simd.hpp"

namespace steelyard {

// A one-hot column in a row: which row of the first kernel, times what (dropout).
struct Hot {
    std::int32_t kernel_row;  // -1: none
    float factor;
};

class Inputs {
  public:
    Inputs(const EncodingSpec& encoding, int capacity) : encoding_(encoding) {
        numbers_ = static_cast<int>(encoding.shift.size());
        width_ = numbers_ + static_cast<int>(encoding.indicators.size());
        for (const auto& category : encoding.categories) {
            if (category.embedding_dim > 0) {
                ++embedded_;
                width_ += category.embedding_dim;
            } else {
                ++hot_;
            }
        }
        dense_ = Buffer(static_cast<std::size_t>(capacity) * static_cast<std::size_t>(stride()));
        hot_slots_.resize(static_cast<std::size_t>(capacity) * static_cast<std::size_t>(hot_));
        embedding_slots_.resize(static_cast<std::size_t>(capacity) * static_cast<std::size_t>(embedded_));
        shift_ = padded_copy(encoding.shift);
        scale_ = padded_copy(encoding.scale);
        fill_ = padded_copy(encoding.fill);
        inverse_clip_ = padded_copy(encoding.inverse_clip);
        for (const float c : encoding.inverse_clip) clips_ = clips_ || c != 0.0f;
    }

    int width() const { return width_; }  // without one-hot columns
    int stride() const { return padded(width_); }
    int hot() const { return hot_; }
    int embedded() const { return embedded_; }
    float* dense() { return dense_.data(); }
    Hot* hot_row(int row) { return hot_slots_.data() + static_cast<std::ptrdiff_t>(row) * hot_; }
    const std::int32_t* embedding_row(int row) const {
        return embedding_slots_.data() + static_cast<std::ptrdiff_t>(row) * embedded_;
    }

    // row_at(i) is the row of the table that becomes row i of the batch.
    template <class RowAt>
    void gather(const DataView& data, int rows, const RowAt& row_at) {
        for (int i = 0; i < rows; ++i) {
            const std::int64_t row = row_at(i);
            if (data.columns > 0)
                numbers(data.numeric + row * data.columns, dense_.data() + static_cast<std::ptrdiff_t>(i) * stride());
            if (data.categories > 0) categories(data.codes + row * data.categories, i);
        }
    }

  private:
    static Buffer padded_copy(const std::vector<float>& values) {
        Buffer copy(static_cast<std::size_t>(padded(static_cast<int>(values.size()))));
        std::copy(values.begin(), values.end(), copy.data());
        return copy;
    }

    Vec scaled(Vec x, int column) const {
        const Vec z = (x - load(shift_.data() + column)) * load(scale_.data() + column);
        const Vec filled = x == x ? z : load(fill_.data() + column);
        if (!clips_) return filled;
        const Vec inverse = load(inverse_clip_.data() + column), limit = splat(1e12f);
        // The limit keeps the square finite; so far out the result is the clip itself.
        const Vec bounded = inverse == splat(0.0f) ? filled : at_least(at_most(filled, limit), -limit);
        const Vec q = bounded * inverse;
        return bounded / square_root(q * q + 1.0f);
    }

    void numbers(const float* from, float* to) const {
        int column = 0;
        for (; column + lanes <= numbers_; column += lanes) store(to + column, scaled(load(from + column), column));
        if (column < numbers_) store(to + column, scaled(load_partial(from + column, numbers_ - column), column));
        for (std::size_t k = 0; k < encoding_.indicators.size(); ++k) {
            const float x = from[encoding_.indicators[k]];
            to[numbers_ + static_cast<int>(k)] = x == x ? 0.0f : 1.0f;
        }
    }

    void categories(const std::int32_t* codes, int row) {
        Hot* hot = hot_row(row);
        std::int32_t* embedding = embedding_slots_.data() + static_cast<std::ptrdiff_t>(row) * embedded_;
        std::int32_t kernel_row = width_;
        for (const auto& category : encoding_.categories) {
            const auto code = static_cast<std::size_t>(*codes++);
            const std::int32_t slot = code < category.slots.size() ? category.slots[code] : category.slots[0];
            if (category.embedding_dim > 0) {
                *embedding++ = slot;
            } else {
                *hot++ = {slot < 0 ? -1 : kernel_row + slot, 1.0f};
                kernel_row += category.size;
            }
        }
    }

    const EncodingSpec& encoding_;
    int numbers_ = 0, width_ = 0, hot_ = 0, embedded_ = 0;
    bool clips_ = false;
    Buffer dense_, shift_, scale_, fill_, inverse_clip_;
    std::vector<Hot> hot_slots_;
    std::vector<std::int32_t> embedding_slots_;
};

}  // namespace steelyard
