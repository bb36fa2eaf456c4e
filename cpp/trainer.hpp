// One model: its batches and epochs, and what is measured at their ends.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <vector>

#include "job.hpp"
#include "loss.hpp"
#include "network.hpp"
#include "optimizer.hpp"
#include "order.hpp"
#include "ranking.hpp"
#include "schedule.hpp"
#include "telemetry.hpp"

namespace steelyard {

// Columns of the history: these, then the metrics of train, of validation, and of train as it was met.
inline constexpr int column_objective = 0, column_penalty = 1, column_learning_rate = 2, column_seconds = 3,
                     column_train = 4;
inline constexpr int column_validation = column_train + metric_count;
inline constexpr int column_running = column_validation + metric_count;
inline constexpr int history_columns = column_running + metric_count;

// What is recorded of an epoch.
struct EpochRecord {
    std::array<double, history_columns> row;
    std::vector<std::array<double, layer_columns>> layers;
    std::array<double, 2> spread{};  // of the logits: mean and standard deviation
};

// Logits and labels (0 or 1) of the same rows.
struct Scored {
    std::vector<float> logits, labels;
    void clear() {
        logits.clear();
        labels.clear();
    }
};

class Trainer {
  public:
    static constexpr int telemetry_rows = 1024, telemetry_steps = 8;

    Trainer(const DataView& data, const JobSpec& job, Team& team)
        : data_(data),
          job_(job),
          team_(&team),
          network_(job.network, job.encoding, rows_at_once(job)),
          optimizer_(job.optimizer, network_.layout()),
          order_(data, job),
          weights_(network_.layout().size),
          gradient_(network_.layout().trainable_size),
          logits_(static_cast<std::size_t>(padded(network_.capacity()))),
          labels_(logits_.size()),
          row_weights_(logits_.size()),
          slopes_(logits_.size()) {
        if (job.initial_weights.empty())
            initialize(network_.layout(), job.seed, weights_.data());
        else
            import_weights(job.initial_weights);
        optimizer_.resume(job.progress.slots, job.progress.steps);
        for (const Tensor& t : network_.layout().tensors)
            if (layers_.empty() || layers_.back() != t.layer) layers_.push_back(t.layer);
    }

    Network& network() { return network_; }
    Buffer& weights() { return weights_; }
    const Buffer& gradient() const { return gradient_; }
    std::vector<NamedTensor> export_weights() const { return export_tensors(network_.layout(), weights_.data()); }
    void import_weights(const std::vector<NamedTensor>& tensors) {
        import_tensors(network_.layout(), tensors, weights_.data());
    }
    // Of the last epoch: the validation rows at its end, and the training rows as they were met, in that order.
    const Scored& validated() const { return validated_; }
    const Scored& met() const { return met_; }

    // Loss of one batch as optimised, penalty included; its gradient is left in gradient(). row_at(i) is the
    // row of the table that comes i-th, positive_at(i) its label.
    template <class RowAt, class PositiveAt>
    double batch(int rows, const Pass& pass, bool& finite, const RowAt& row_at, const PositiveAt& positive_at) {
        network_.inputs().gather(data_, rows, row_at);
        for (int i = 0; i < rows; ++i) {
            const bool positive = positive_at(i);
            labels_.data()[i] = positive ? 1.0f : 0.0f;
            row_weights_.data()[i] = (positive ? job_.loss.positive_weight : job_.loss.negative_weight) *
                                     (data_.weights != nullptr ? data_.weights[row_at(i)] : 1.0f);
        }
        for (int i = rows; i < padded(rows); ++i) logits_.data()[i] = labels_.data()[i] = row_weights_.data()[i] = 0.0f;
        network_.forward(weights_.data(), rows, pass, logits_.data(), *team_);
        const double loss =
            loss_and_slopes(job_.loss, logits_.data(), labels_.data(), row_weights_.data(), rows, slopes_.data()) /
            rows;
        network_.backward(weights_.data(), gradient_.data(), rows, slopes_.data(), *team_);
        const double penalty = optimizer_.add_penalties(weights_.data(), gradient_.data(), finite);
        finite = finite && std::isfinite(loss + penalty);
        return loss + penalty;
    }

    // Logits of the given rows at inference, appended to `logits`.
    void predict(Rows rows, std::vector<float>& logits) {
        for (std::int64_t first = 0; first < rows.size; first += network_.capacity()) {
            const int size = static_cast<int>(std::min<std::int64_t>(network_.capacity(), rows.size - first));
            network_.inputs().gather(data_, size, [&](int i) { return rows.begin[first + i]; });
            network_.forward(weights_.data(), size, {}, logits_.data(), *team_);
            logits.insert(logits.end(), logits_.data(), logits_.data() + size);
        }
    }

    // The threads that share this model's work from now on.
    void work_with(Team& team) { team_ = &team; }

    // Trains for an epoch (from 1 in this fit) and measures where it has come to. Returns the step (from 1) at
    // which something was not finite, or -1.
    std::int64_t epoch(int number, double base_rate, EpochRecord& record) {
        record.row.fill(std::numeric_limits<double>::quiet_NaN());
        LayerSums sums(layers_.size());
        if (const std::int64_t bad_step = train_epoch(number, base_rate, record.row, sums); bad_step >= 0)
            return bad_step;
        evaluate(record, sums);
        const double watched = record.row[column_train + metric_loss];
        const double validated = job_.validation.size > 0 ? record.row[column_validation + metric_loss] : 0.0;
        return std::isfinite(watched) && std::isfinite(validated) && all_finite() ? -1 : steps_per_epoch();
    }

    bool all_finite() const {
        Vec poison = {};
        for (std::size_t i = 0; i < weights_.size(); i += lanes) poison += load(weights_.data() + i) * 0.0f;
        return sum(poison) == 0.0f;
    }

    std::int64_t steps_per_epoch() const {
        return (order_.size() + job_.training.batch_size - 1) / job_.training.batch_size;
    }
    std::int64_t steps() const { return step_; }
    const std::vector<std::string>& layers() const { return layers_; }
    const Optimizer& optimizer() const { return optimizer_; }

  private:
    // Sums over the sampled steps of an epoch.
    struct LayerSums {
        explicit LayerSums(std::size_t layers) : gradient(layers), update(layers) {}
        std::vector<double> gradient, update;
        int steps = 0;
    };

    static int rows_at_once(const JobSpec& job) {
        return static_cast<int>(
            std::max<std::int64_t>(256, std::min<std::int64_t>(job.training.batch_size, job.train.size)));
    }

    // Calls work(layer number, squared sum over the layer's trainable tensors of `values`).
    template <class Work>
    void each_layer(const float* values, const Work& work) const {
        int layer = -1;
        const std::string* last = nullptr;
        double squares = 0.0;
        const auto emit = [&] {
            if (layer >= 0) work(static_cast<std::size_t>(layer), squares);
        };
        for (const Tensor& t : network_.layout().tensors) {
            if (last == nullptr || *last != t.layer) {
                emit();
                ++layer;
                squares = 0.0;
                last = &t.layer;
            }
            if (!t.trainable) continue;
            Vec total = {};
            for (std::size_t i = 0; i < t.size(); i += lanes)
                total += load(values + t.offset + i) * load(values + t.offset + i);
            squares += static_cast<double>(sum(total));
        }
        emit();
    }

    // Returns the step (from 1) at which something was not finite, or -1.
    std::int64_t train_epoch(int epoch, double base_rate, std::array<double, history_columns>& row, LayerSums& sums) {
        const std::int64_t steps = steps_per_epoch(), total_steps = steps * job_.training.epochs;
        const auto& order = order_.arrange(static_cast<std::uint32_t>(job_.progress.epochs + epoch));
        met_.clear();
        double objective = 0.0;
        for (std::int64_t s = 0; s < steps; ++s) {
            const std::int64_t first = s * job_.training.batch_size;
            const int rows = static_cast<int>(std::min<std::int64_t>(job_.training.batch_size, order_.size() - first));
            const auto row_at = [&](int i) {
                return std::int64_t{order[static_cast<std::size_t>(first + i)] & ~EpochOrder::positive_bit};
            };
            const auto positive_at = [&](int i) {
                return order[static_cast<std::size_t>(first + i)] >= EpochOrder::positive_bit;
            };
            bool finite = true;
            const std::int64_t steps_before = job_.progress.steps + step_;  // in the life of the model
            const Pass pass{true, job_.seed, static_cast<std::uint32_t>(steps_before)};
            const double loss = batch(rows, pass, finite, row_at, positive_at);
            if (!finite) return s + 1;
            objective += loss * rows;
            if (job_.running_metrics) {
                met_.logits.insert(met_.logits.end(), logits_.data(), logits_.data() + rows);
                met_.labels.insert(met_.labels.end(), labels_.data(), labels_.data() + rows);
            }
            const double rate = base_rate * schedule_factor(job_.optimizer.schedule, step_, steps, total_steps);
            const bool sampled = s * telemetry_steps / steps != (s - 1) * telemetry_steps / steps || s == 0;
            if (sampled) {
                ++sums.steps;
                before_.assign(weights_.data(), weights_.data() + network_.layout().trainable_size);
                each_layer(gradient_.data(), [&](std::size_t l, double squares) { sums.gradient[l] += squares; });
            }
            optimizer_.step(weights_.data(), gradient_.data(), rate, steps_before, *team_);
            ++step_;
            row[column_learning_rate] = rate;
            if (sampled) {
                std::vector<double> norms(sums.update.size());
                each_layer(before_.data(), [&](std::size_t l, double squares) { norms[l] = squares; });
                for (std::size_t i = 0; i < before_.size(); ++i) before_[i] = weights_.data()[i] - before_[i];
                each_layer(before_.data(), [&](std::size_t l, double squares) {
                    sums.update[l] += norms[l] > 0.0 ? squares / norms[l] : 0.0;
                });
            }
        }
        row[column_objective] = objective / static_cast<double>(order_.size());
        return -1;
    }

    void evaluate(EpochRecord& record, const LayerSums& sums) {
        auto& [row, layers, spread] = record;
        bool finite = true;
        std::fill_n(gradient_.data(), gradient_.size(), 0.0f);
        row[column_penalty] = optimizer_.add_penalties(weights_.data(), gradient_.data(), finite);
        Scored trained;
        measure_split(job_.metric_rows, trained, &row[column_train], spread);
        if (job_.validation.size > 0) measure_split(job_.validation, validated_, &row[column_validation], spread);
        if (job_.running_metrics) {
            const Metrics running = measure(met_.logits, met_.labels, job_.running_ranking);
            std::copy(running.begin(), running.end(), &row[column_running]);
        }
        layers.resize(layers_.size());
        for (auto& layer : layers) layer.fill(std::numeric_limits<double>::quiet_NaN());
        each_layer(weights_.data(),
                   [&](std::size_t l, double squares) { layers[l][layer_weight_norm] = std::sqrt(squares); });
        for (std::size_t l = 0; l < layers.size(); ++l) {
            layers[l][layer_gradient_norm] = std::sqrt(sums.gradient[l] / sums.steps);
            layers[l][layer_update_ratio] = std::sqrt(sums.update[l] / sums.steps);
        }
        inspect_activations(layers);
    }

    void measure_split(Rows rows, Scored& scored, double* metrics, std::array<double, 2>& spread) {
        scored.clear();
        scored.logits.reserve(static_cast<std::size_t>(rows.size));
        scored.labels.reserve(static_cast<std::size_t>(rows.size));
        predict(rows, scored.logits);
        for (float& z : scored.logits) z -= job_.loss.prior_offset;
        for (std::int64_t i = 0; i < rows.size; ++i)
            scored.labels.push_back(data_.target[rows.begin[i]] != 0 ? 1.0f : 0.0f);
        const Metrics measured = measure(scored.logits, scored.labels);
        std::copy(measured.begin(), measured.end(), metrics);
        double total = 0.0, squares = 0.0;
        for (const float z : scored.logits) total += z;
        const double mean = total / static_cast<double>(rows.size);
        for (const float z : scored.logits) squares += (z - mean) * (z - mean);
        spread = {mean, std::sqrt(squares / static_cast<double>(rows.size))};
    }

    // Dead and saturated units, on a sample of the training rows.
    void inspect_activations(std::vector<std::array<double, layer_columns>>& layers) {
        SlopeSurvey survey(network_);
        if (survey.empty()) return;
        const std::int64_t sample = std::min<std::int64_t>(telemetry_rows, job_.metric_rows.size);
        const std::int64_t apart = job_.metric_rows.size / sample;
        for (std::int64_t first = 0; first < sample; first += network_.capacity()) {
            const int size = static_cast<int>(std::min<std::int64_t>(network_.capacity(), sample - first));
            network_.inputs().gather(data_, size, [&](int i) { return job_.metric_rows.begin[(first + i) * apart]; });
            network_.forward(weights_.data(), size, {}, logits_.data(), *team_);
            survey.add(size);
        }
        survey.report(layers, layers_);
    }

    const DataView& data_;
    const JobSpec& job_;
    Team* team_;
    Network network_;
    Optimizer optimizer_;
    EpochOrder order_;
    Buffer weights_, gradient_, logits_, labels_, row_weights_, slopes_;
    std::vector<std::string> layers_;
    std::vector<float> before_;
    Scored validated_, met_;
    std::int64_t step_ = 0;  // in this run
};

}  // namespace steelyard
