// Many models on all cores: each thread takes the next job from a shared queue; a model whose
// batches are large enough to be shared gets all threads instead when there are too few jobs.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "trainer.hpp"

namespace steelyard {

class Population {
  public:
    Population(const DataView& data, const std::vector<JobSpec>& jobs, int threads, Observer observe)
        : data_(data),
          jobs_(jobs),
          threads_(std::max(1, threads)),
          observe_(std::move(observe)),
          outcomes_(jobs.size()) {}

    // Starts the work; from this thread, answers the observer's calls one at a time and calls attend() about
    // twenty times a second until all is done.
    template <class Attend>
    std::vector<Outcome> run(const Attend& attend) {
        std::vector<std::size_t> alone, shared;
        plan(alone, shared);
        const Observer here = observe_ ? Observer([this](const EpochReport& report) { return ask(report); }) : nullptr;
        here_ = &here;
        std::jthread conductor([&] {
            guarded([&] {
                each_alone(alone);
                together(shared);
            });
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
                question->answer = observe_(question->report);
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
        const EpochReport& report;
        Decision answer;
        bool answered = false;
    };

    // Puts the observer's question to the thread that called run() and waits for the answer.
    Decision ask(const EpochReport& report) {
        Question question{report, {}};
        std::unique_lock lock(mutex_);
        questions_.push_back(&question);
        wanted_.notify_all();
        answered_.wait(lock, [&] { return question.answered; });
        return std::move(question.answer);
    }

    // Multiply-adds in a batch above which its products are worth sharing.
    static constexpr double worth_sharing = 4e6;

    // The last jobs of a queue would leave threads idle; those with large batches are done together.
    void plan(std::vector<std::size_t>& alone, std::vector<std::size_t>& shared) const {
        std::vector<std::size_t> large;
        for (std::size_t i = 0; i < jobs_.size(); ++i) {
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

    void each_alone(const std::vector<std::size_t>& queue) {
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

    void together(const std::vector<std::size_t>& queue) {
        if (queue.empty()) return;
        Team team(threads_);
        for (const std::size_t i : queue) train(i, team);
    }

    void train(std::size_t i, Team& team) {
        FlushDenormals flush;
        guarded([&] {
            Trainer trainer(data_, jobs_[i], team);
            outcomes_[i] = trainer.run(static_cast<int>(i), *here_, cancelled_);
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
    const Observer* here_ = nullptr;  // the observer as the training threads see it
    std::vector<Outcome> outcomes_;
    std::atomic<bool> cancelled_{false};
    std::mutex mutex_;
    std::condition_variable wanted_, answered_;  // the caller's thread is; a question was
    std::deque<Question*> questions_;
    bool done_ = false;
    std::exception_ptr failure_;
};

}  // namespace steelyard
