// All weights of one network in one buffer, so that an optimizer step is one sweep.
#pragma once

#include <algorithm>
#include <cmath>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "job.hpp"
#include "random.hpp"

namespace steelyard {

// A buffer of floats that starts on a cache line.
class Buffer {
  public:
    Buffer() = default;
    explicit Buffer(std::size_t size) : size_(size), storage_(size + 16, 0.0f) {
        const auto address = reinterpret_cast<std::uintptr_t>(storage_.data());
        offset_ = (64 - address % 64) % 64 / sizeof(float);
    }
    Buffer(Buffer&&) = default;
    Buffer& operator=(Buffer&&) = default;
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    float* data() { return storage_.data() + offset_; }
    const float* data() const { return storage_.data() + offset_; }
    std::size_t size() const { return size_; }
    void copy_from(const Buffer& other) { std::copy_n(other.data(), size_, data()); }

  private:
    std::size_t size_ = 0, offset_ = 0;
    std::vector<float> storage_;
};

struct Tensor {
    std::string layer, name;  // "dense_1", "kernel"
    std::size_t offset;
    int rows, columns, stride;  // one row for vectors
    bool is_vector, trainable, decays;
    Penalty penalty;
    Initializer initializer;
    double fan_in, fan_out;

    std::size_t size() const { return static_cast<std::size_t>(rows) * static_cast<std::size_t>(stride); }
    std::string path() const { return layer + "/" + name; }
};

// Where each tensor lies. Trainable tensors come first; moving averages follow.
struct Layout {
    std::vector<Tensor> tensors;
    std::size_t trainable_size = 0, size = 0;

    Layout trainable() const {
        Layout result{{}, trainable_size, trainable_size};
        std::copy_if(tensors.begin(), tensors.end(), std::back_inserter(result.tensors),
                     [](const Tensor& t) { return t.trainable; });
        return result;
    }
};

// Adds tensors to a layout, the trainable ones first, each on a cache line.
class LayoutBuilder {
  public:
    int add(Tensor tensor) {
        layout_.tensors.push_back(std::move(tensor));
        return static_cast<int>(layout_.tensors.size()) - 1;
    }
    Layout finish() {
        for (const bool trainable : {true, false}) {
            for (auto& tensor : layout_.tensors) {
                if (tensor.trainable != trainable) continue;
                tensor.offset = layout_.size;
                layout_.size += (tensor.size() + 15) / 16 * 16;
            }
            if (trainable) layout_.trainable_size = layout_.size;
        }
        return std::move(layout_);
    }

  private:
    Layout layout_;
};

inline double draw(const Initializer& init, double fan_in, double fan_out, WeightStream& stream) {
    switch (init.kind) {
        case Initializer::Kind::constant:
            return init.a;
        case Initializer::Kind::normal:
            return init.a + init.b * stream.normal();
        case Initializer::Kind::uniform:
            return init.a + (init.b - init.a) * stream.uniform();
        case Initializer::Kind::variance_scaling: {
            const double fan = init.fan == Initializer::Fan::in ? fan_in : 0.5 * (fan_in + fan_out);
            const double variance = init.a / std::max(fan, 1.0);
            // 0.8796...: standard deviation of a standard normal truncated at two.
            if (init.truncated_normal) return std::sqrt(variance) / 0.87962566103423978 * stream.truncated_normal();
            return std::sqrt(3.0 * variance) * (2.0 * stream.uniform() - 1.0);
        }
    }
    return 0.0;
}

inline void initialize(const Layout& layout, std::uint64_t seed, float* weights) {
    for (std::size_t t = 0; t < layout.tensors.size(); ++t) {
        const Tensor& tensor = layout.tensors[t];
        WeightStream stream(seed, static_cast<std::uint32_t>(t));
        for (int i = 0; i < tensor.rows; ++i)
            for (int j = 0; j < tensor.columns; ++j)
                weights[tensor.offset + static_cast<std::size_t>(i) * static_cast<std::size_t>(tensor.stride) +
                        static_cast<std::size_t>(j)] =
                    static_cast<float>(draw(tensor.initializer, tensor.fan_in, tensor.fan_out, stream));
    }
}

inline std::vector<NamedTensor> export_tensors(const Layout& layout, const float* weights) {
    std::vector<NamedTensor> result;
    for (const Tensor& tensor : layout.tensors) {
        NamedTensor out{tensor.path(), {}, {}};
        if (!tensor.is_vector) out.shape.push_back(tensor.rows);
        out.shape.push_back(tensor.columns);
        for (int i = 0; i < tensor.rows; ++i) {
            const float* row =
                weights + tensor.offset + static_cast<std::size_t>(i) * static_cast<std::size_t>(tensor.stride);
            out.values.insert(out.values.end(), row, row + tensor.columns);
        }
        result.push_back(std::move(out));
    }
    return result;
}

// Names and shapes have been checked by the caller in Python; what is wrong here is a defect.
inline void import_tensors(const Layout& layout, const std::vector<NamedTensor>& given, float* weights) {
    for (const Tensor& tensor : layout.tensors) {
        const NamedTensor* found = nullptr;
        for (const NamedTensor& candidate : given)
            if (candidate.name == tensor.path()) found = &candidate;
        const auto expected = static_cast<std::size_t>(tensor.rows) * static_cast<std::size_t>(tensor.columns);
        if (found == nullptr) throw std::invalid_argument("weights: " + tensor.path() + " is missing");
        if (found->values.size() != expected)
            throw std::invalid_argument("weights: " + tensor.path() + " has " + std::to_string(found->values.size()) +
                                        " values, needs " + std::to_string(expected));
        for (int i = 0; i < tensor.rows; ++i)
            std::copy_n(
                found->values.data() + static_cast<std::size_t>(i) * static_cast<std::size_t>(tensor.columns),
                tensor.columns,
                weights + tensor.offset + static_cast<std::size_t>(i) * static_cast<std::size_t>(tensor.stride));
    }
}

}  // namespace steelyard
