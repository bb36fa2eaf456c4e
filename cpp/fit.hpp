// One model from its first epoch to its last: the best epoch, when it stops, and rests in between.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "trainer.hpp"

namespace steelyard {

enum class Status { completed, stopped_early, diverged, pruned, interrupted };

struct Outcome {
    Status status = Status::completed;
    std::string reason;
    int best_epoch = 0;
    std::vector<std::array<double, history_columns>> history;
    std::vector<std::string> layers;
    std::vector<std::vector<std::array<double, layer_columns>>> telemetry;  // epoch, layer
    std::vector<std::array<double, 2>> logits;                              // mean and standard deviation
    std::vector<NamedTensor> weights;
    Progress progress;
};

struct EpochReport {
    int job, epoch, epochs;
    const std::array<double, history_columns>& row;
    double seconds;  // since the job began, rests not counted
    const Trainer& trainer;
};
struct Decision {
    bool stop = false;
    bool rest = false;                                                // until all other jobs rest or have ended
    double learning_rate = std::numeric_limits<double>::quiet_NaN();  // NaN: as it is
    std::vector<NamedTensor> weights;                                 // empty: as they are
};
using Observer = std::function<Decision(const EpochReport&)>;

class Fit {
  public:
    Fit(const DataView& data, const JobSpec& job, int number, Team& team)
        : job_(job),
          number_(number),
          trainer_(data, job, team),
          plateau_(job.optimizer.schedule),
          base_rate_(job.optimizer.learning_rate),
          snapshot_(trainer_.weights().size()),
          best_(trainer_.weights().size()) {
        snapshot_.copy_from(trainer_.weights());
        outcome_.layers = trainer_.layers();
    }

    // Goes on until the fit rests (false) or has come to its end (true).
    bool advance(Team& team, const Observer& observe, const std::atomic<bool>& cancelled) {
        trainer_.work_with(team);
        const auto resumed = std::chrono::steady_clock::now();
        const double before = seconds_;
        bool rest = false;
        while (!ended_ && !rest) {
            if (cancelled.load()) {
                end(Status::interrupted, "interrupted after epoch " + std::to_string(epoch_) + " of " +
                                             std::to_string(job_.training.epochs));
                break;
            }
            rest = epoch(observe, [&] { return seconds_ = before + seconds_since(resumed); });
        }
        return ended_;
    }

    // Ends a fit that rests.
    void stop() { end(Status::pruned, "stopped after epoch " + std::to_string(epoch_) + " by the caller"); }

    Outcome outcome() {
        if (outcome_.status == Status::completed)
            outcome_.reason = "all " + std::to_string(job_.training.epochs) + " epochs were trained";
        if (job_.training.restore_best && outcome_.best_epoch > 0) trainer_.weights().copy_from(best_);
        outcome_.weights = trainer_.export_weights();
        outcome_.progress = {job_.progress.epochs + static_cast<std::int64_t>(outcome_.history.size()),
                             job_.progress.steps + trainer_.steps(), trainer_.optimizer().export_slots()};
        return std::move(outcome_);
    }

  private:
    static double seconds_since(std::chrono::steady_clock::time_point then) {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
    }

    void end(Status status, std::string reason) {
        ended_ = true;
        outcome_.status = status;
        outcome_.reason = std::move(reason);
    }

    // One epoch; elapsed() are the seconds of this fit until now. Returns whether to rest after it.
    template <class Elapsed>
    bool epoch(const Observer& observe, const Elapsed& elapsed) {
        const TrainingSpec& training = job_.training;
        ++epoch_;
        const auto began = std::chrono::steady_clock::now();
        EpochRecord record;
        if (const std::int64_t bad_step = trainer_.epoch(epoch_, base_rate_, record); bad_step >= 0) {
            end(Status::diverged, "the loss or its gradient was not finite in epoch " + std::to_string(epoch_) +
                                      ", step " + std::to_string(bad_step) + " of " +
                                      std::to_string(trainer_.steps_per_epoch()));
            if (!trainer_.all_finite()) trainer_.weights().copy_from(snapshot_);
            return false;
        }
        auto& row = record.row;
        row[column_seconds] = seconds_since(began);
        outcome_.history.push_back(row);
        outcome_.telemetry.push_back(std::move(record.layers));
        outcome_.logits.push_back(record.spread);
        snapshot_.copy_from(trainer_.weights());
        compare(row[static_cast<std::size_t>(training.monitor)]);
        base_rate_ = plateau_.next(row[static_cast<std::size_t>(job_.optimizer.schedule.monitor)], base_rate_);

        const double seconds = elapsed();
        bool rest = false;
        if (observe) {
            const Decision decision = observe({number_, epoch_, training.epochs, row, seconds, trainer_});
            if (std::isfinite(decision.learning_rate)) base_rate_ = decision.learning_rate;
            if (!decision.weights.empty()) {
                trainer_.import_weights(decision.weights);
                snapshot_.copy_from(trainer_.weights());
            }
            if (decision.stop) {
                stop();
                return false;
            }
            rest = decision.rest;
        }
        if (epoch_ == training.epochs) {
            ended_ = true;
        } else if (training.patience > 0 && waited_ >= training.patience) {
            end(Status::stopped_early, "no improvement for " + std::to_string(waited_) + " epochs after epoch " +
                                           std::to_string(outcome_.best_epoch));
        } else if (seconds >= training.max_seconds) {
            end(Status::stopped_early, "the time limit was reached after epoch " + std::to_string(epoch_));
        }
        return rest;
    }

    // Is this epoch the best one until now?
    void compare(double value) {
        const double gain = job_.training.monitor_rises ? value - reference_ : reference_ - value;
        if (std::isfinite(value) && (outcome_.best_epoch == 0 || gain > job_.training.min_delta)) {
            outcome_.best_epoch = epoch_;
            reference_ = value;
            waited_ = 0;
            if (job_.training.restore_best) best_.copy_from(trainer_.weights());
        } else {
            ++waited_;
        }
    }

    const JobSpec& job_;
    int number_;
    Trainer trainer_;
    Plateau plateau_;
    double base_rate_;
    Buffer snapshot_, best_;
    double reference_ = 0.0, seconds_ = 0.0;
    int epoch_ = 0, waited_ = 0;
    bool ended_ = false;
    Outcome outcome_;
};

}  // namespace steelyard
