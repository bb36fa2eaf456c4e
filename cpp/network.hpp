// A network: its tensors, forward and backward pass over one batch.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "gemm.hpp"
#include "inputs.hpp"
#include "normalisation.hpp"
#include "parameters.hpp"

namespace steelyard {

// Dropout needs to know where in the training it is; inference does not.
struct Pass {
    bool training = false;
    std::uint64_t seed = 0;
    std::uint32_t step = 0;
};

class Network {
  public:
    struct Operation {
        LayerSpec::Kind kind;
        LayerSpec spec;
        std::uint32_t position;  // in the recipe's stack: names the dropout mask
        std::string layer;       // whose telemetry this operation's activations belong to
        int width_in, width_out;
        bool first_dense = false, wants_input_gradient = false;
        int kernel = -1, bias = -1, gamma = -1, beta = -1, mean = -1, variance = -1;  // tensors
        Buffer out, extra;  // extra: dropout mask, or normalised values
        Buffer column;      // batch normalisation: 1 / standard deviation per unit
        const float* in = nullptr;
        const float* value = nullptr;  // what the next operation reads
        int in_stride = 0;
        int stride() const { return padded(width_out); }
    };

    Network(const NetworkSpec& spec, const EncodingSpec& encoding, int capacity)
        : encoding_(encoding), inputs_(encoding, capacity), capacity_(capacity) {
        LayoutBuilder layout;
        std::map<std::string, int> counts;
        const auto named = [&](const std::string& kind) {
            const int n = counts[kind]++;
            return n == 0 ? kind : kind + "_" + std::to_string(n);
        };
        int column = static_cast<int>(encoding.shift.size() + encoding.indicators.size());
        for (std::size_t c = 0; c < encoding.categories.size(); ++c) {
            const auto& category = encoding.categories[c];
            hot_width_ += category.embedding_dim > 0 ? 0 : category.size;
            if (category.embedding_dim == 0) continue;
            embeddings_.push_back({layout.add(embedding_tensor(spec, category, c)), column, category.embedding_dim});
            column += category.embedding_dim;
        }
        int width = inputs_.width();
        bool dense_seen = false, parameters_before = !embeddings_.empty();
        std::string owner;
        for (std::size_t i = 0; i < spec.layers.size(); ++i) {
            const LayerSpec& layer = spec.layers[i];
            const auto position = static_cast<std::uint32_t>(i);
            if (layer.kind == LayerSpec::Kind::dense) {
                Operation op = operation(layer, position, width, layer.units);
                owner = op.layer = named("dense");
                const int fan_in = width + (dense_seen ? 0 : hot_width_);
                op.kernel =
                    layout.add({owner, "kernel", 0, fan_in, layer.units, padded(layer.units), false, true, true,
                                layer.kernel_penalty, layer.kernel_initializer, double(fan_in), double(layer.units)});
                if (layer.use_bias)
                    op.bias = layout.add(
                        vector_tensor(owner, "bias", layer.units, layer.bias_initializer, true, layer.bias_penalty));
                op.first_dense = !dense_seen;
                op.wants_input_gradient = parameters_before;
                dense_seen = parameters_before = true;
                width = layer.units;
                operations_.push_back(std::move(op));
                if (layer.activation != Activation::linear) {
                    operations_.push_back(operation(layer, position, width, width));
                    operations_.back().kind = LayerSpec::Kind::activation;
                    operations_.back().layer = owner;
                    operations_.back().wants_input_gradient = true;
                }
            } else if (layer.kind == LayerSpec::Kind::batch_normalization) {
                Operation op = operation(layer, position, width, width);
                owner = op.layer = named("batch_normalization");
                if (layer.scale) op.gamma = layout.add(vector_tensor(owner, "gamma", width, constant(1.0), true, {}));
                if (layer.center) op.beta = layout.add(vector_tensor(owner, "beta", width, constant(0.0), true, {}));
                op.mean = layout.add(vector_tensor(owner, "moving_mean", width, constant(0.0), false, {}));
                op.variance = layout.add(vector_tensor(owner, "moving_variance", width, constant(1.0), false, {}));
                op.wants_input_gradient = parameters_before;
                parameters_before = true;
                op.extra = buffer(width);
                op.column = Buffer(static_cast<std::size_t>(padded(width)));
                operations_.push_back(std::move(op));
            } else if (layer.kind == LayerSpec::Kind::dropout ? layer.rate > 0.0
                                                              : layer.activation != Activation::linear) {
                Operation op = operation(layer, position, width, width);
                op.layer = owner;
                op.wants_input_gradient = parameters_before;
                if (layer.kind == LayerSpec::Kind::dropout) op.extra = buffer(width);
                operations_.push_back(std::move(op));
            }
        }
        layout_ = layout.finish();
        int widest = 1;
        for (const auto& op : operations_) widest = std::max({widest, op.width_in, op.width_out});
        for (auto& gradient : flowing_) gradient = buffer(widest);
        std::size_t largest = 0;
        for (const auto& op : operations_)
            if (op.kernel >= 0)
                largest = std::max(
                    largest, static_cast<std::size_t>(padded(op.width_in)) * static_cast<std::size_t>(op.width_out));
        transposed_ = Buffer(largest);
    }

    const Layout& layout() const { return layout_; }
    const std::vector<Operation>& operations() const { return operations_; }
    Inputs& inputs() { return inputs_; }
    int capacity() const { return capacity_; }

    // Runs the gathered batch through the network and writes its logits. In training, moving averages in
    // `weights` are updated.
    void forward(float* weights, int rows, const Pass& pass, float* logits, Team& team) {
        look_up(weights, rows);
        training_ = pass.training;
        const float* value = inputs_.dense();
        int stride = inputs_.stride();
        bool dense_seen = false;
        for (auto& op : operations_) {
            op.in = value;
            op.in_stride = stride;
            op.value = op.out.data();
            switch (op.kind) {
                case LayerSpec::Kind::dense:
                    dense_forward(op, weights, rows, team);
                    dense_seen = true;
                    break;
                case LayerSpec::Kind::activation:
                    by_rows(op, rows, team, [&](std::size_t first, std::size_t size) {
                        activation::forward(op.spec.activation, op.spec.negative_slope, op.in + first,
                                            op.out.data() + first, size);
                    });
                    break;
                case LayerSpec::Kind::dropout:
                    if (pass.training)
                        dropout_forward(op, rows, pass, !dense_seen, team);
                    else
                        op.value = op.in;
                    break;
                case LayerSpec::Kind::batch_normalization:
                    normalisation(op, weights).forward(op.in, op.out.data(), rows, op.stride(), pass.training);
                    break;
            }
            value = op.value;
            stride = op.stride();
        }
        for (int i = 0; i < rows; ++i) logits[i] = value[static_cast<std::ptrdiff_t>(i) * stride];
    }

    // From d(loss)/d(logits) of the batch that went forward last to d(loss)/d(weights), which is overwritten.
    void backward(float* weights, float* gradient, int rows, const float* slopes, Team& team) {
        float* flow = flowing_[0].data();
        const int last_stride = operations_.back().stride();
        for (int i = 0; i < rows; ++i) {
            float* row = flow + static_cast<std::ptrdiff_t>(i) * last_stride;
            std::fill_n(row, last_stride, 0.0f);
            row[0] = slopes[i];
        }
        int which = 0;
        for (auto op = operations_.rbegin(); op != operations_.rend(); ++op) {
            switch (op->kind) {
                case LayerSpec::Kind::dense:
                    dense_backward(*op, weights, gradient, rows, flowing_[which].data(), flowing_[1 - which].data(),
                                   team);
                    which = 1 - which;
                    break;
                case LayerSpec::Kind::activation:
                    by_rows(*op, rows, team, [&](std::size_t first, std::size_t size) {
                        activation::backward(op->spec.activation, op->spec.negative_slope, op->in + first,
                                             op->value + first, flowing_[which].data() + first, size);
                    });
                    break;
                case LayerSpec::Kind::dropout:
                    if (!training_) break;
                    by_rows(*op, rows, team, [&](std::size_t first, std::size_t size) {
                        float* g = flowing_[which].data() + first;
                        const float* mask = op->extra.data() + first;
                        for (std::size_t i = 0; i < size; i += lanes) store(g + i, load(g + i) * load(mask + i));
                    });
                    break;
                case LayerSpec::Kind::batch_normalization:
                    normalisation(*op, weights)
                        .backward(flowing_[which].data(),
                                  op->gamma >= 0 ? gradient + tensor(op->gamma).offset : nullptr,
                                  op->beta >= 0 ? gradient + tensor(op->beta).offset : nullptr, rows, op->stride(),
                                  training_);
                    break;
            }
            if (!op->wants_input_gradient) return;
        }
        embedding_backward(gradient, rows, flowing_[which].data());
    }

  private:
    struct Embedding {
        int tensor, column, dim;
    };

    static Initializer constant(double value) {
        Initializer init;
        init.a = value;
        return init;
    }
    static Tensor vector_tensor(const std::string& layer, const std::string& name, int width, const Initializer& init,
                                bool trainable, Penalty penalty) {
        return {layer,     name,  0,       1,    width,         padded(width), true,
                trainable, false, penalty, init, double(width), double(width)};
    }
    static Tensor embedding_tensor(const NetworkSpec& spec, const CategorySpec& category, std::size_t number) {
        // Rows of an embedding are packed: it can have thousands of them, a few floats each.
        return {"embedding",
                std::to_string(number),
                0,
                category.size,
                category.embedding_dim,
                category.embedding_dim,
                false,
                true,
                true,
                {},
                spec.embedding_initializer,
                double(category.embedding_dim),
                double(category.embedding_dim)};
    }
    Buffer buffer(int width) const {
        return Buffer(static_cast<std::size_t>(capacity_) * static_cast<std::size_t>(padded(width)));
    }
    Operation operation(const LayerSpec& layer, std::uint32_t position, int in, int out) const {
        Operation op{};
        op.kind = layer.kind;
        op.spec = layer;
        op.position = position;
        op.width_in = in;
        op.width_out = out;
        op.out = buffer(out);
        return op;
    }
    const Tensor& tensor(int index) const { return layout_.tensors[static_cast<std::size_t>(index)]; }

    // Calls work(first, size) on pieces of the operation's buffers, on all threads if that pays.
    template <class Work>
    static void by_rows(const Operation& op, int rows, Team& team, const Work& work) {
        const auto stride = static_cast<std::size_t>(op.stride());
        const int block = std::max(1, static_cast<int>(32768 / stride));
        const int tasks = (rows + block - 1) / block;
        team.each(tasks, [&](int i) {
            const int first = i * block, last = std::min(rows, first + block);
            work(static_cast<std::size_t>(first) * stride, static_cast<std::size_t>(last - first) * stride);
        });
    }

    void look_up(const float* weights, int rows) {
        for (std::size_t e = 0; e < embeddings_.size(); ++e) {
            const auto& embedding = embeddings_[e];
            const float* vectors = weights + tensor(embedding.tensor).offset;
            for (int i = 0; i < rows; ++i) {
                float* to = inputs_.dense() + static_cast<std::ptrdiff_t>(i) * inputs_.stride() + embedding.column;
                const std::int32_t slot = inputs_.embedding_row(i)[e];
                if (slot < 0)
                    std::fill_n(to, embedding.dim, 0.0f);
                else
                    std::copy_n(vectors + static_cast<std::ptrdiff_t>(slot) * embedding.dim, embedding.dim, to);
            }
        }
    }

    void embedding_backward(float* gradient, int rows, const float* flow) {
        for (std::size_t e = 0; e < embeddings_.size(); ++e) {
            const auto& embedding = embeddings_[e];
            const Tensor& t = tensor(embedding.tensor);
            float* vectors = gradient + t.offset;
            std::fill_n(vectors, t.size(), 0.0f);
            for (int i = 0; i < rows; ++i) {
                const std::int32_t slot = inputs_.embedding_row(i)[e];
                if (slot < 0) continue;
                const float* from = flow + static_cast<std::ptrdiff_t>(i) * inputs_.stride() + embedding.column;
                float* to = vectors + static_cast<std::ptrdiff_t>(slot) * embedding.dim;
                for (int j = 0; j < embedding.dim; ++j) to[j] += from[j];
            }
        }
    }

    void dense_forward(Operation& op, const float* weights, int rows, Team& team) {
        const Tensor& kernel = tensor(op.kernel);
        const float* w = weights + kernel.offset;
        const float* bias = op.bias >= 0 ? weights + tensor(op.bias).offset : nullptr;
        const int stride = op.stride();
        multiply({rows,
                  stride / lanes,
                  op.width_in,
                  {op.in, op.in_stride, 1},
                  w,
                  stride,
                  op.out.data(),
                  stride,
                  bias != nullptr ? Start::bias : Start::zero,
                  bias},
                 team);
        if (!op.first_dense || inputs_.hot() == 0) return;
        for (int i = 0; i < rows; ++i) {
            float* out = op.out.data() + static_cast<std::ptrdiff_t>(i) * stride;
            const Hot* hot = inputs_.hot_row(i);
            for (int c = 0; c < inputs_.hot(); ++c) {
                if (hot[c].kernel_row < 0 || hot[c].factor == 0.0f) continue;
                const float* row = w + static_cast<std::ptrdiff_t>(hot[c].kernel_row) * stride;
                for (int j = 0; j < stride; j += lanes) store(out + j, load(out + j) + load(row + j) * hot[c].factor);
            }
        }
    }

    void dense_backward(Operation& op, const float* weights, float* gradient, int rows, const float* flow, float* back,
                        Team& team) {
        const Tensor& kernel = tensor(op.kernel);
        const int stride = op.stride();
        float* g = gradient + kernel.offset;
        multiply({op.width_in, stride / lanes, rows, {op.in, 1, op.in_stride}, flow, stride, g, stride}, team);
        if (op.first_dense && inputs_.hot() > 0) {
            std::fill(g + static_cast<std::ptrdiff_t>(op.width_in) * stride, g + kernel.size(), 0.0f);
            for (int i = 0; i < rows; ++i) {
                const float* from = flow + static_cast<std::ptrdiff_t>(i) * stride;
                const Hot* hot = inputs_.hot_row(i);
                for (int c = 0; c < inputs_.hot(); ++c) {
                    if (hot[c].kernel_row < 0 || hot[c].factor == 0.0f) continue;
                    float* to = g + static_cast<std::ptrdiff_t>(hot[c].kernel_row) * stride;
                    for (int j = 0; j < stride; j += lanes)
                        store(to + j, load(to + j) + load(from + j) * hot[c].factor);
                }
            }
        }
        if (op.bias >= 0) {
            float* b = gradient + tensor(op.bias).offset;
            for (int j = 0; j < stride; j += lanes) {
                Vec sums[4] = {};  // four chains, since one addition waits for the one before
                for (int i = 0; i < rows; ++i) sums[i % 4] += load(flow + static_cast<std::ptrdiff_t>(i) * stride + j);
                store(b + j, (sums[0] + sums[1]) + (sums[2] + sums[3]));
            }
        }
        if (!op.wants_input_gradient) return;
        transpose(weights + kernel.offset, op.width_in, op.width_out, stride, transposed_.data());
        const int in_stride = padded(op.width_in);
        multiply(
            {rows, in_stride / lanes, op.width_out, {flow, stride, 1}, transposed_.data(), in_stride, back, in_stride},
            team);
    }

    void dropout_forward(Operation& op, int rows, const Pass& pass, bool on_inputs, Team& team) {
        const DropoutMask mask(pass.seed, op.position, pass.step, op.spec.rate);
        const int stride = op.stride();
        // The mask of the inputs also covers the one-hot columns, which come after the dense ones.
        const int units = op.width_out + (on_inputs ? hot_width_ : 0);
        const int block = std::max(8, 32768 / stride / 8 * 8);
        team.each((rows + block - 1) / block, [&](int task) {
            const int first = task * block, last = std::min(rows, first + block);
            float* factors = op.extra.data() + static_cast<std::ptrdiff_t>(first) * stride;
            mask.fill(factors, first, last, units, stride);
            const float* in = op.in + static_cast<std::ptrdiff_t>(first) * stride;
            float* out = op.out.data() + static_cast<std::ptrdiff_t>(first) * stride;
            for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(last - first) * stride; i += lanes)
                store(out + i, load(in + i) * load(factors + i));
        });
        if (!on_inputs) return;
        for (int i = 0; i < rows; ++i)
            for (int c = 0; c < inputs_.hot(); ++c) {
                Hot& hot = inputs_.hot_row(i)[c];
                if (hot.kernel_row >= 0) hot.factor *= mask.factor(i, hot.kernel_row, units);
            }
    }

    // The operation's tensors in a buffer laid out like the weights; null where it has none.
    Normalisation normalisation(Operation& op, float* buffer) const {
        const auto at = [&](int index) { return index >= 0 ? buffer + tensor(index).offset : nullptr; };
        return {at(op.gamma),     at(op.beta),     at(op.mean),     at(op.variance),
                op.spec.momentum, op.spec.epsilon, op.extra.data(), op.column.data()};
    }

    const EncodingSpec& encoding_;
    Inputs inputs_;
    int capacity_, hot_width_ = 0;
    bool training_ = false;  // what the last forward pass was
    std::vector<Embedding> embeddings_;
    std::vector<Operation> operations_;
    Layout layout_;
    Buffer flowing_[2];
    Buffer transposed_;
};

}  // namespace steelyard
