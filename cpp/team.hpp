// Threads that share one piece of work at a time. Which thread does which task never matters to
// the result: tasks write to places of their own, and sums over tasks are formed in a fixed order.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "simd.hpp"

namespace steelyard {

class Team {
  public:
    explicit Team(int size) {
        for (int i = 1; i < size; ++i) helpers_.emplace_back([this] { help(); });
    }
    ~Team() {
        stop_.store(true);
        generation_.fetch_add(1);
        generation_.notify_all();
        for (auto& helper : helpers_) helper.join();
    }
    Team(const Team&) = delete;
    Team& operator=(const Team&) = delete;

    int size() const { return static_cast<int>(helpers_.size()) + 1; }

    // Calls work(i) for every i < tasks, on all threads, and returns when all are done.
    template <class Work>
    void each(int tasks, const Work& work) {
        if (helpers_.empty() || tasks <= 1) {
            for (int i = 0; i < tasks; ++i) work(i);
            return;
        }
        call_ = [](const void* context, int i) { (*static_cast<const Work*>(context))(i); };
        context_ = &work;
        tasks_ = tasks;
        next_.store(0, std::memory_order_relaxed);
        busy_.store(static_cast<int>(helpers_.size()), std::memory_order_relaxed);
        generation_.fetch_add(1, std::memory_order_release);
        generation_.notify_all();
        take();
        for (int spins = 0; busy_.load(std::memory_order_acquire) != 0; ++spins)
            if (spins > 2000) std::this_thread::yield();
    }

  private:
    void take() {
        for (int i = next_.fetch_add(1); i < tasks_; i = next_.fetch_add(1)) call_(context_, i);
    }
    void help() {
        FlushDenormals flush;
        std::uint64_t seen = 0;
        for (;;) {
            // Work comes in bursts a few microseconds apart: look for it a while before sleeping.
            for (int spins = 0; generation_.load(std::memory_order_acquire) == seen; ++spins)
                if (spins > 20000) generation_.wait(seen, std::memory_order_acquire);
            seen = generation_.load(std::memory_order_acquire);
            if (stop_.load()) return;
            take();
            busy_.fetch_sub(1, std::memory_order_release);
        }
    }

    std::vector<std::thread> helpers_;
    std::atomic<std::uint64_t> generation_{0};
    std::atomic<int> next_{0}, busy_{0};
    std::atomic<bool> stop_{false};
    int tasks_ = 0;
    void (*call_)(const void*, int) = nullptr;
    const void* context_ = nullptr;
};

}  // namespace steelyard
