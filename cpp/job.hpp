// What a training job is: plain data, filled by bind.cpp from what lowering.py wrote.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "activation.hpp"

namespace steelyard {

struct Initializer {
    enum class Kind { variance_scaling, constant, normal, uniform };
    Kind kind = Kind::constant;
    double a = 0.0, b = 0.0;  // constant: value; normal: mean, stddev; uniform: minval, maxval; scaling: scale
    enum class Fan { in, average };
    Fan fan = Fan::in;
    bool truncated_normal = false;  // variance scaling: a truncated normal, else uniform
};

struct Penalty {
    float l1 = 0.0f, l2 = 0.0f;
    bool any() const { return l1 != 0.0f || l2 != 0.0f; }
};

struct LayerSpec {
    enum class Kind { dense, activation, dropout, batch_normalization };
    Kind kind = Kind::dense;
    int units = 0;
    Activation activation = Activation::linear;
    float negative_slope = 0.0f;
    bool use_bias = true;
    Initializer kernel_initializer, bias_initializer;
    Penalty kernel_penalty, bias_penalty;
    double rate = 0.0;
    float momentum = 0.99f, epsilon = 1e-3f;
    bool center = true, scale = true;
};

struct CategorySpec {
    std::vector<std::int32_t> slots;  // by code; -1 contributes nothing
    int size = 0;
    int embedding_dim = 0;  // 0: one-hot
};

struct EncodingSpec {
    std::vector<float> shift, scale, fill, inverse_clip;
    std::vector<std::int32_t> indicators;
    std::vector<CategorySpec> categories;
};

struct LossSpec {
    enum class Kind { crossentropy, focal };
    Kind kind = Kind::crossentropy;
    float smoothing = 0.0f;
    float gamma = 0.0f, alpha = -1.0f;  // alpha < 0: none
    float logit_offset = 0.0f;          // logit adjustment: added to every logit while training
    float prior_offset = 0.0f;          // taken from every logit before plain metrics are measured
    float negative_weight = 1.0f, positive_weight = 1.0f;
};

struct ScheduleSpec {
    enum class Kind { constant, step, exponential, cosine, one_cycle, reduce_on_plateau };
    Kind kind = Kind::constant;
    double factor = 1.0, warmup = 0.0, final = 0.0, initial = 0.0;
    int every = 1;
    int monitor = 0, patience = 0, cooldown = 0;
    bool monitor_rises = false;
    double min_delta = 0.0, min_learning_rate = 0.0;
};

struct OptimizerSpec {
    enum class Kind { sgd, adam, adadelta, adagrad, rmsprop, adamax, nadam };
    Kind kind = Kind::adam;
    double learning_rate = 0.001, momentum = 0.0, beta_1 = 0.9, beta_2 = 0.999, rho = 0.9, epsilon = 1e-7;
    double initial_accumulator = 0.1;
    bool nesterov = false, amsgrad = false, centered = false;
    double weight_decay = 0.0;
    bool decay_biases = true;
    double clip_value = 0.0, clip_norm = 0.0, global_clip_norm = 0.0;  // 0: off
    ScheduleSpec schedule;
};

struct TrainingSpec {
    int epochs = 1, batch_size = 32;
    bool shuffle = true;
    double positive_share = 0.0;  // of every batch; 0: rows come as they are
    int monitor = 0;              // column of the history
    bool monitor_rises = false;
    int patience = 0;  // 0: never stop early
    double min_delta = 0.0;
    bool restore_best = true;
    double max_seconds = std::numeric_limits<double>::infinity();
};

struct NetworkSpec {
    std::vector<LayerSpec> layers;
    Initializer embedding_initializer;
};

// The data that all jobs share; nothing here is owned.
struct DataView {
    const float* numeric = nullptr;  // rows x columns
    const std::int32_t* codes = nullptr;
    const std::uint8_t* target = nullptr;
    const float* weights = nullptr;  // may be null
    std::int64_t rows = 0;
    int columns = 0, categories = 0;
};

struct Rows {
    const std::int64_t* begin = nullptr;
    std::int64_t size = 0;
};

struct NamedTensor {
    std::string name;
    std::vector<std::int64_t> shape;
    std::vector<float> values;
};

// What training carries from epoch to epoch besides the weights.
struct Progress {
    std::int64_t epochs = 0, steps = 0;
    std::vector<std::vector<NamedTensor>> slots;  // of the optimizer; empty: as at the start
};

struct JobSpec {
    NetworkSpec network;
    EncodingSpec encoding;
    LossSpec loss;
    OptimizerSpec optimizer;
    TrainingSpec training;
    std::uint64_t seed = 0;
    Rows train, validation, metric_rows;       // metric_rows: the training rows on which plain curves are measured
    std::vector<NamedTensor> initial_weights;  // empty: drawn from the seed
    Progress progress;                         // where an earlier run of the same model stopped
    bool running_metrics = false;              // also record the metrics of the rows as they are met in training
    bool running_ranking = false;              // those of their order, too
};

}  // namespace steelyard
