// The optimizers: one sweep over the weights per step, with the update rules of Keras 3
// (keras/src/optimizers, one file per rule).
#pragma once

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "parameters.hpp"
#include "team.hpp"

namespace steelyard {

class Optimizer {
  public:
    Optimizer(const OptimizerSpec& spec, const Layout& layout) : spec_(spec), layout_(layout) {
        for (int i = 0; i < slots_needed(); ++i) slots_.emplace_back(layout.trainable_size);
        if (spec.kind == OptimizerSpec::Kind::adagrad)
            std::fill_n(slots_[0].data(), slots_[0].size(), static_cast<float>(spec.initial_accumulator));
    }

    // Adds the penalties' gradients, returns the penalties' sum. Sets finite to whether every gradient is.
    double add_penalties(const float* weights, float* gradient, bool& finite) const {
        double penalty = 0.0;
        Vec poison = {};  // stays zero while every gradient is finite
        for (const Tensor& t : layout_.tensors) {
            if (!t.trainable) continue;
            float* g = gradient + t.offset;
            const float* w = weights + t.offset;
            const std::size_t size = t.size();
            if (t.penalty.any()) {
                Vec squares = {}, magnitudes = {};
                const Vec zero = {}, l1 = splat(t.penalty.l1);
                for (std::size_t i = 0; i < size; i += lanes) {
                    const Vec v = load(w + i);
                    squares += v * v;
                    magnitudes += magnitude(v);
                    const Vec sign = v > zero ? l1 : (v < zero ? -l1 : zero);
                    const Vec total = load(g + i) + 2.0f * t.penalty.l2 * v + sign;
                    store(g + i, total);
                    poison += total * 0.0f;
                }
                penalty += static_cast<double>(t.penalty.l2) * static_cast<double>(sum(squares)) +
                           static_cast<double>(t.penalty.l1) * static_cast<double>(sum(magnitudes));
            } else {
                for (std::size_t i = 0; i < size; i += lanes) poison += load(g + i) * 0.0f;
            }
        }
        finite = sum(poison) == 0.0f;
        return penalty;
    }

    // What the rule remembers from step to step, as tensors in the shapes of the weights they belong to.
    std::vector<std::vector<NamedTensor>> export_slots() const {
        std::vector<std::vector<NamedTensor>> result;
        for (const auto& slot : slots_) result.push_back(export_tensors(layout_.trainable(), slot.data()));
        return result;
    }
    // Goes on where another optimizer of the same kind stopped, after `steps` steps.
    void resume(const std::vector<std::vector<NamedTensor>>& slots, std::int64_t steps) {
        if (!slots.empty() && slots.size() != slots_.size())
            throw std::invalid_argument("progress: has " + std::to_string(slots.size()) + " slots; the optimizer has " +
                                        std::to_string(slots_.size()));
        for (std::size_t i = 0; i < slots.size(); ++i) import_tensors(layout_.trainable(), slots[i], slots_[i].data());
        if (spec_.kind == OptimizerSpec::Kind::nadam)
            for (std::int64_t t = 1; t <= steps; ++t) u_product_ *= nadam_momentum(static_cast<double>(t));
    }

    // Takes one step. The learning rate is that of the schedule; steps count from 0.
    void step(float* weights, float* gradient, double learning_rate, std::int64_t step, Team& team) {
        clip(gradient);
        prepare(learning_rate, step);
        for (const Tensor& t : layout_.tensors) {
            if (!t.trainable) continue;
            const double decay = t.decays || spec_.decay_biases ? spec_.weight_decay * learning_rate : 0.0;
            const float keep = static_cast<float>(1.0 - decay);
            const std::size_t size = (t.size() + 15) / 16 * 16, chunk = 1 << 14;
            const auto chunks = static_cast<int>((size + chunk - 1) / chunk);
            const auto work = [&](int i) {
                const std::size_t first = t.offset + static_cast<std::size_t>(i) * chunk;
                sweep(weights, gradient, first, std::min(first + chunk, t.offset + size), keep);
            };
            team.each(chunks, work);
        }
    }

  private:
    // Numbers that change from step to step, computed in double once.
    struct Coefficients {
        float rate = 0.0f, m_share = 0.0f, g_share = 0.0f, root = 1.0f;
    };

    int slots_needed() const {
        switch (spec_.kind) {
            case OptimizerSpec::Kind::sgd:
                return spec_.momentum > 0.0 ? 1 : 0;
            case OptimizerSpec::Kind::adam:
                return spec_.amsgrad ? 3 : 2;
            case OptimizerSpec::Kind::adagrad:
                return 1;
            case OptimizerSpec::Kind::rmsprop:
                return 3;
            case OptimizerSpec::Kind::adadelta:
            case OptimizerSpec::Kind::adamax:
            case OptimizerSpec::Kind::nadam:
                return 2;
        }
        return 0;
    }

    static double squared_norm(const float* g, std::size_t size) {
        Vec squares = {};
        for (std::size_t i = 0; i < size; i += lanes) squares += load(g + i) * load(g + i);
        return static_cast<double>(sum(squares));
    }
    static void scale_by(float* g, std::size_t size, double factor) {
        for (std::size_t i = 0; i < size; i += lanes) store(g + i, load(g + i) * static_cast<float>(factor));
    }

    void clip(float* gradient) const {
        if (spec_.clip_value > 0.0) {
            const Vec high = splat(static_cast<float>(spec_.clip_value));
            for (std::size_t i = 0; i < layout_.trainable_size; i += lanes)
                store(gradient + i, at_least(at_most(load(gradient + i), high), -high));
        }
        if (spec_.clip_norm > 0.0) {
            for (const Tensor& t : layout_.tensors) {
                if (!t.trainable) continue;
                const double norm = std::sqrt(squared_norm(gradient + t.offset, t.size()));
                if (norm > spec_.clip_norm) scale_by(gradient + t.offset, t.size(), spec_.clip_norm / norm);
            }
        }
        if (spec_.global_clip_norm > 0.0) {
            double squares = 0.0;
            for (const Tensor& t : layout_.tensors)
                if (t.trainable) squares += squared_norm(gradient + t.offset, t.size());
            const double norm = std::sqrt(squares);
            if (norm > spec_.global_clip_norm)
                scale_by(gradient, layout_.trainable_size, spec_.global_clip_norm / norm);
        }
    }

    double nadam_momentum(double t) const { return spec_.beta_1 * (1.0 - 0.5 * std::pow(0.96, t)); }

    void prepare(double learning_rate, std::int64_t step) {
        const double t = static_cast<double>(step + 1);
        now_ = {};
        now_.rate = static_cast<float>(learning_rate);
        switch (spec_.kind) {
            case OptimizerSpec::Kind::adam:
                now_.rate = static_cast<float>(learning_rate * std::sqrt(1.0 - std::pow(spec_.beta_2, t)) /
                                               (1.0 - std::pow(spec_.beta_1, t)));
                break;
            case OptimizerSpec::Kind::adamax:
                now_.rate = static_cast<float>(learning_rate / (1.0 - std::pow(spec_.beta_1, t)));
                break;
            case OptimizerSpec::Kind::nadam: {
                const double u = nadam_momentum(t), next_u = nadam_momentum(t + 1.0);
                u_product_ *= u;
                now_.m_share = static_cast<float>(next_u / (1.0 - u_product_ * next_u));
                now_.g_share = static_cast<float>((1.0 - u) / (1.0 - u_product_));
                now_.root = static_cast<float>(1.0 / (1.0 - std::pow(spec_.beta_2, t)));
                break;
            }
            default:
                break;
        }
    }

    // Calls rule(weight, gradient, position) for every vector in [first, last).
    template <class Rule>
    static void each_vector(float* weights, const float* gradient, std::size_t first, std::size_t last, float keep,
                            const Rule& rule) {
        for (std::size_t i = first; i < last; i += lanes)
            store(weights + i, rule(load(weights + i) * keep, load(gradient + i), i));
    }

    void sweep(float* weights, const float* gradient, std::size_t first, std::size_t last, float keep) {
        const float rate = now_.rate, epsilon = static_cast<float>(spec_.epsilon);
        const float momentum = static_cast<float>(spec_.momentum), rho = static_cast<float>(spec_.rho);
        const float beta_2 = static_cast<float>(spec_.beta_2);
        const float towards_1 = static_cast<float>(1.0 - spec_.beta_1),
                    towards_2 = static_cast<float>(1.0 - spec_.beta_2);
        const float towards_rho = static_cast<float>(1.0 - spec_.rho);
        float* s0 = slots_.empty() ? nullptr : slots_[0].data();
        float* s1 = slots_.size() < 2 ? nullptr : slots_[1].data();
        float* s2 = slots_.size() < 3 ? nullptr : slots_[2].data();
        const auto run = [&](const auto& rule) { each_vector(weights, gradient, first, last, keep, rule); };
        switch (spec_.kind) {
            case OptimizerSpec::Kind::sgd:
                if (momentum == 0.0f) return run([=](Vec w, Vec g, std::size_t) { return w - g * rate; });
                return run([=, nesterov = spec_.nesterov](Vec w, Vec g, std::size_t i) {
                    const Vec m = load(s0 + i) * momentum - g * rate;
                    store(s0 + i, m);
                    return nesterov ? w + (m * momentum - g * rate) : w + m;
                });
            case OptimizerSpec::Kind::adam:
                if (spec_.amsgrad) {
                    return run([=](Vec w, Vec g, std::size_t i) {
                        const Vec m = load(s0 + i) + (g - load(s0 + i)) * towards_1;
                        const Vec v = load(s1 + i) + (g * g - load(s1 + i)) * towards_2;
                        const Vec highest = at_least(load(s2 + i), v);
                        store(s0 + i, m);
                        store(s1 + i, v);
                        store(s2 + i, highest);
                        return w - over_root(m * rate, highest, epsilon);
                    });
                }
                return run([=](Vec w, Vec g, std::size_t i) {
                    const Vec m = load(s0 + i) + (g - load(s0 + i)) * towards_1;
                    const Vec v = load(s1 + i) + (g * g - load(s1 + i)) * towards_2;
                    store(s0 + i, m);
                    store(s1 + i, v);
                    return w - over_root(m * rate, v, epsilon);
                });
            case OptimizerSpec::Kind::adadelta:
                return run([=](Vec w, Vec g, std::size_t i) {
                    const Vec squares = load(s0 + i) * rho + g * g * towards_rho;
                    const Vec steps = load(s1 + i);
                    const Vec delta = -square_root(steps + epsilon) / square_root(squares + epsilon) * g;
                    store(s0 + i, squares);
                    store(s1 + i, steps * rho + delta * delta * towards_rho);
                    return w + delta * rate;
                });
            case OptimizerSpec::Kind::adagrad:
                return run([=](Vec w, Vec g, std::size_t i) {
                    const Vec squares = load(s0 + i) + g * g;
                    store(s0 + i, squares);
                    return w - g * rate / square_root(squares + epsilon);
                });
            case OptimizerSpec::Kind::rmsprop:
                return run([=, centered = spec_.centered](Vec w, Vec g, std::size_t i) {
                    const Vec squares = load(s0 + i) * rho + g * g * towards_rho;
                    store(s0 + i, squares);
                    Vec denominator = squares + epsilon;
                    if (centered) {
                        const Vec mean = load(s1 + i) * rho + g * towards_rho;
                        store(s1 + i, mean);
                        denominator -= mean * mean;
                    }
                    const Vec increment = g * rate / square_root(denominator);
                    if (momentum == 0.0f) return w - increment;
                    const Vec velocity = load(s2 + i) * momentum + increment;
                    store(s2 + i, velocity);
                    return w - velocity;
                });
            case OptimizerSpec::Kind::adamax:
                return run([=](Vec w, Vec g, std::size_t i) {
                    const Vec m = load(s0 + i) + (g - load(s0 + i)) * towards_1;
                    const Vec u = at_least(magnitude(g), load(s1 + i) * beta_2);
                    store(s0 + i, m);
                    store(s1 + i, u);
                    return w - m * rate / (u + epsilon);
                });
            case OptimizerSpec::Kind::nadam:
                return run([=, now = now_](Vec w, Vec g, std::size_t i) {
                    const Vec m = load(s0 + i) + (g - load(s0 + i)) * towards_1;
                    const Vec v = load(s1 + i) + (g * g - load(s1 + i)) * towards_2;
                    store(s0 + i, m);
                    store(s1 + i, v);
                    const Vec m_hat = m * now.m_share + g * now.g_share;
                    return w - over_root(m_hat * rate, v * now.root, epsilon);
                });
        }
    }

    OptimizerSpec spec_;
    const Layout& layout_;
    std::vector<Buffer> slots_;
    Coefficients now_;
    double u_product_ = 1.0;
};

}  // namespace steelyard
