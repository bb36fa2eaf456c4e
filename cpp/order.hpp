// Which training rows an epoch goes through, and in which order.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "job.hpp"
#include "random.hpp"

namespace steelyard {

// Rows of the table. The label travels with the row number, in its highest bit: one place less to look up
// in memory.
class EpochOrder {
  public:
    static constexpr std::uint32_t positive_bit = 1u << 31;

    EpochOrder(const DataView& data, const JobSpec& job) : data_(data), job_(job) {
        const TrainingSpec& training = job.training;
        if (training.positive_share <= 0.0) return;
        for (std::int64_t i = 0; i < job.train.size; ++i) {
            const std::uint32_t row = labelled(i);
            (row & positive_bit ? positives_ : negatives_).push_back(row);
        }
        const int batch = training.batch_size;
        positives_per_batch_ =
            std::clamp(static_cast<int>(std::lround(batch * training.positive_share)), 1, std::max(1, batch - 1));
    }

    // Rows per epoch: as many as train. With balanced batches the rarer class comes several times, and of the
    // other a part, another one in every epoch.
    std::int64_t size() const { return job_.train.size; }

    // The rows of an epoch, counted from 1 in the life of the model.
    const std::vector<std::uint32_t>& arrange(std::uint32_t epoch) {
        order_.resize(static_cast<std::size_t>(size()));
        if (positives_per_batch_ == 0) {
            for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = labelled(static_cast<std::int64_t>(i));
            if (job_.training.shuffle) shuffle(job_.seed, epoch, order_);
            return order_;
        }
        Cycle positives{positives_, job_.seed, epoch, 1}, negatives{negatives_, job_.seed, epoch, 2};
        const auto batch = static_cast<std::size_t>(job_.training.batch_size);
        for (std::size_t i = 0; i < order_.size(); ++i)
            order_[i] =
                i % batch < static_cast<std::size_t>(positives_per_batch_) ? positives.next() : negatives.next();
        return order_;
    }

  private:
    // The rows of a class in a random order, and again in another when they are used up.
    struct Cycle {
        std::vector<std::uint32_t>& rows;
        std::uint64_t seed;
        std::uint32_t epoch;
        std::uint64_t stream;
        std::size_t position = 0;

        std::uint32_t next() {
            if (position % rows.size() == 0) {
                constexpr std::uint64_t apart = 0x9e3779b97f4a7c15u;  // streams of seeds that no job is given
                std::sort(rows.begin(), rows.end());
                shuffle(seed ^ apart * (stream + 2 * (position / rows.size())), epoch, rows);
            }
            return rows[position++ % rows.size()];
        }
    };

    std::uint32_t labelled(std::int64_t i) const {
        const std::int64_t row = job_.train.begin[i];
        return static_cast<std::uint32_t>(row) | (data_.target[row] != 0 ? positive_bit : 0u);
    }

    const DataView& data_;
    const JobSpec& job_;
    int positives_per_batch_ = 0;  // 0: rows come as they are
    std::vector<std::uint32_t> positives_, negatives_, order_;
};

}  // namespace steelyard
