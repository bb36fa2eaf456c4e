// Many models on all cores: each thread takes the next job from a shared queue; a model whose
// batches are large enough to be shared gets all threads instead when there are too few jobs.
// Models that rest between epochs are asked about together, once all others rest or have ended.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

#include "fit.hpp"

namespace steelyard {

// Numbers of jobs, in ascending order.
using JobNumbers = std::vector<std::size_t>;
// Of the jobs that rest, which to stop; the others go on.
using Referee = std::function<JobNumbers(const JobNumbers&)>;

class Population {
  public:
    Population(const DataView& data, const std::vector<JobSpec>& jobs, int threads, Observer observe, Referee referee)
        : data_(data),
          jobs_(jobs),
          threads_(std::max(1, threads)),
          observe_(std::move(observe)),
          referee_(std::move(referee)),
          fits_(jobs.size()),
          outcomes_(jobs.size()) {}

    // Starts the work; from this thread, calls observer and referee, one at a time, and attend() about twenty
    // times a second until all is done.
    template <class Attend>
    std::vector<Outcome> run(const Attend& attend) {
        if (observe_)
            here_ = [this](const EpochReport& report) {
                Decision decision;
                ask([&] { decision = observe_(report); });
                return decision;
            };
        std::jthread conductor([&] {
            guarded([&] { conduct(); });
            const std::lock_guard lock(mutex_);
            done_ = true;
            wanted_.notify_all();
        });
        constexpr auto pause = std::chrono::milliseconds(50);
        for (auto next = std::chrono::steady_clock::now() + pause;;) {
            Question* question = nullptr;
            {
                std::unique_lock lock(mutex_);
                wanted_.wait_until(lock, next, [&] { return done_ || !questions_.empty(); });
                if (!questions_.empty()) {
                    question = questions_.front();
                    questions_.pop_front();
                } else if (done_) {
                    break;
                }
            }
            if (question != nullptr) {
                question->put();
                const std::lock_guard lock(mutex_);
                question->answered = true;
                answered_.notify_all();
            }
            if (std::chrono::steady_clock::now() >= next) {
                attend();
                next = std::chrono::steady_clock::now() + pause;
            }
        }
        conductor.join();
        if (failure_) std::rethrow_exception(failure_);
        return std::move(outcomes_);
    }

    void cancel() { cancelled_.store(true); }

  private:
    struct Question {
        const std::function<void()>& put;
        bool answered = false;
    };

    // Has the thread that called run() put a question to its caller, and waits until it has.
    void ask(const std::function<void()>& put) {
        Question question{put};
        std::unique_lock lock(mutex_);
        questions_.push_back(&question);
        wanted_.notify_all();
        answered_.wait(lock, [&] { return question.answered; });
    }

    // All jobs, and again those that rested and may go on.
    void conduct() {
        JobNumbers going(jobs_.size());
        std::iota(going.begin(), going.end(), std::size_t{0});
        while (!going.empty()) {
            JobNumbers alone, shared;
            plan(going, alone, shared);
            each_alone(alone);
            together(shared);
            going.clear();
            for (std::size_t i = 0; i < fits_.size(); ++i)
                if (fits_[i]) going.push_back(i);
            if (going.empty() || !referee_ || cancelled_.load()) continue;
            JobNumbers stopped;
            ask([&] { stopped = referee_(going); });
            for (const std::size_t i : stopped) {
                fits_[i]->stop();
                finish(i);
            }
            std::erase_if(going, [&](std::size_t i) { return !fits_[i]; });
        }
    }

    void finish(std::size_t i) {
        outcomes_[i] = fits_[i]->outcome();
        fits_[i].reset();
    }

    // Multiply-adds in a batch above which its products are worth sharing.
    static constexpr double worth_sharing = 4e6;

    // The last jobs of a queue would leave threads idle; those with large batches are done together.
    void plan(const JobNumbers& going, JobNumbers& alone, JobNumbers& shared) const {
        JobNumbers large;
        for (const std::size_t i : going) {
            const auto rows = std::min<std::int64_t>(jobs_[i].training.batch_size, jobs_[i].train.size);
            const double work = work_per_row(jobs_[i]) * static_cast<double>(rows);
            (work >= worth_sharing ? large : alone).push_back(i);
        }
        const std::size_t leftover = threads_ > 1 ? large.size() % static_cast<std::size_t>(threads_) : 0;
        shared.assign(large.end() - static_cast<std::ptrdiff_t>(leftover), large.end());
        large.resize(large.size() - leftover);
        alone.insert(alone.begin(), large.begin(), large.end());
    }

    // Multiply-adds of the dense part of one row's forward pass.
    static double work_per_row(const JobSpec& job) {
        double work = 0.0;
        auto width = static_cast<double>(job.encoding.shift.size());
        for (const auto& layer : job.network.layers)
            if (layer.kind == LayerSpec::Kind::dense) {
                work += width * layer.units;
                width = layer.units;
            }
        return work;
    }

    void each_alone(const JobNumbers& queue) {
        std::atomic<std::size_t> next{0};
        const auto work = [&] {
            Team team(1);
            for (std::size_t i = next.fetch_add(1); i < queue.size(); i = next.fetch_add(1)) train(queue[i], team);
        };
        std::vector<std::jthread> workers;  // join when they go, also if one could not be started
        for (std::size_t i = 1; i < std::min(queue.size(), static_cast<std::size_t>(threads_)); ++i)
            workers.emplace_back(work);
        work();
    }

    void together(const JobNumbers& queue) {
        if (queue.empty()) return;
        Team team(threads_);
        for (const std::size_t i : queue) train(i, team);
    }

    void train(std::size_t i, Team& team) {
        FlushDenormals flush;
        guarded([&] {
            if (!fits_[i]) fits_[i] = std::make_unique<Fit>(data_, jobs_[i], static_cast<int>(i), team);
            if (fits_[i]->advance(team, here_, cancelled_)) finish(i);
        });
    }

    // Keeps the first exception for the caller's thread and stops the other jobs.
    template <class Work>
    void guarded(const Work& work) {
        try {
            work();
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!failure_) failure_ = std::current_exception();
            cancelled_.store(true);
        }
    }

    const DataView& data_;
    const std::vector<JobSpec>& jobs_;
    int threads_;
    Observer observe_;
    Referee referee_;
    Observer here_;                           // the observer as the training threads see it
    std::vector<std::unique_ptr<Fit>> fits_;  // those begun and not ended
    std::vector<Outcome> outcomes_;
    std::atomic<bool> cancelled_{false};
    std::mutex mutex_;
    std::condition_variable wanted_, answered_;  // the caller's thread is; a question was
    std::deque<Question*> questions_;
    bool done_ = false;
    std::exception_ptr failure_;
};

}  // namespace steelyard
