// Learning rate at a step, as a factor of the optimizer's own.
#pragma once

#include <cmath>

#include "job.hpp"

namespace steelyard {

inline double schedule_factor(const ScheduleSpec& s, std::int64_t step, std::int64_t steps_per_epoch,
                              std::int64_t total_steps) {
    const double pi = 3.14159265358979323846;
    const double position = static_cast<double>(step);
    const double last = static_cast<double>(std::max<std::int64_t>(total_steps - 1, 1));
    const auto between = [&](double from, double to, double share) {  // half a cosine
        return to + (from - to) * 0.5 * (1.0 + std::cos(pi * share));
    };
    switch (s.kind) {
        case ScheduleSpec::Kind::constant:
        case ScheduleSpec::Kind::reduce_on_plateau:
            return 1.0;
        case ScheduleSpec::Kind::step:
            return std::pow(s.factor, static_cast<double>(step / steps_per_epoch / s.every));
        case ScheduleSpec::Kind::exponential:
            return std::pow(s.factor, position / static_cast<double>(steps_per_epoch));
        case ScheduleSpec::Kind::cosine: {
            // The first step is already worth taking: warm-up runs from 1/n to 1 over its n steps.
            const double warmup = std::floor(s.warmup * static_cast<double>(total_steps));
            if (position < warmup) return (position + 1.0) / (warmup + 1.0);
            const double share = last > warmup ? (position - warmup) / (last - warmup) : 0.0;
            return between(1.0, s.final, share);
        }
        case ScheduleSpec::Kind::one_cycle: {
            const double peak = s.warmup * static_cast<double>(total_steps) - 1.0;
            if (position <= peak) return between(s.initial, 1.0, peak > 0.0 ? position / peak : 1.0);
            return between(1.0, s.final, (position - peak) / std::max(last - peak, 1.0));
        }
    }
    return 1.0;
}

// Follows one column of the history: Keras' ReduceLROnPlateau.
class Plateau {
  public:
    explicit Plateau(const ScheduleSpec& spec) : spec_(spec) {}

    // The learning rate for the next epoch.
    double next(double value, double learning_rate) {
        if (spec_.kind != ScheduleSpec::Kind::reduce_on_plateau) return learning_rate;
        if (cooling_ > 0) {
            --cooling_;
            waited_ = 0;
        }
        const double gain = spec_.monitor_rises ? value - best_ : best_ - value;
        if (!seen_ || gain > spec_.min_delta) {
            seen_ = true;
            best_ = value;
            waited_ = 0;
        } else if (cooling_ == 0 && ++waited_ >= spec_.patience) {
            waited_ = 0;
            cooling_ = spec_.cooldown;
            if (learning_rate > spec_.min_learning_rate)
                return std::max(learning_rate * spec_.factor, spec_.min_learning_rate);
        }
        return learning_rate;
    }

  private:
    ScheduleSpec spec_;
    bool seen_ = false;
    double best_ = 0.0;
    int waited_ = 0, cooling_ = 0;
};

}  // namespace steelyard
