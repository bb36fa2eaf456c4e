// Reads the flat description of a job that lowering.py writes. Names and ranges have been checked there.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>

#include <map>
#include <string>
#include <vector>

#include "job.hpp"

namespace steelyard {

namespace nb = nanobind;

template <class T, int dimensions>
using Array = nb::ndarray<const T, nb::ndim<dimensions>, nb::c_contig, nb::device::cpu>;

template <class T>
T get(const nb::dict& d, const char* key) {
    return nb::cast<T>(d[key]);
}

template <class T>
std::vector<T> vector_at(const nb::dict& d, const char* key) {
    const auto array = get<Array<T, 1>>(d, key);
    return {array.data(), array.data() + array.shape(0)};
}

template <class Kind>
Kind named(const nb::dict& d, const char* key, const std::map<std::string, Kind>& kinds) {
    const auto name = get<std::string>(d, key);
    const auto found = kinds.find(name);
    if (found == kinds.end()) throw nb::value_error((std::string(key) + ": unknown: " + name).c_str());
    return found->second;
}

inline Initializer initializer_of(const nb::dict& d) {
    using Kind = Initializer::Kind;
    Initializer init;
    init.kind = named<Kind>(d, "kind",
                            {{"variance_scaling", Kind::variance_scaling},
                             {"constant", Kind::constant},
                             {"normal", Kind::normal},
                             {"uniform", Kind::uniform}});
    init.a = get<double>(d, "a");
    init.b = get<double>(d, "b");
    init.fan = get<bool>(d, "average_fan") ? Initializer::Fan::average : Initializer::Fan::in;
    init.truncated_normal = get<bool>(d, "truncated_normal");
    return init;
}

inline LayerSpec layer_of(const nb::dict& d) {
    using Kind = LayerSpec::Kind;
    LayerSpec layer;
    layer.kind = named<Kind>(d, "kind",
                             {{"dense", Kind::dense},
                              {"activation", Kind::activation},
                              {"dropout", Kind::dropout},
                              {"batch_normalization", Kind::batch_normalization}});
    if (layer.kind == Kind::dense || layer.kind == Kind::activation) {
        layer.activation = named<Activation>(d, "activation",
                                             {{"linear", Activation::linear},
                                              {"relu", Activation::relu},
                                              {"leaky_relu", Activation::leaky_relu},
                                              {"elu", Activation::elu},
                                              {"selu", Activation::selu},
                                              {"gelu", Activation::gelu},
                                              {"silu", Activation::silu},
                                              {"mish", Activation::mish},
                                              {"tanh", Activation::tanh},
                                              {"sigmoid", Activation::sigmoid},
                                              {"softplus", Activation::softplus}});
        layer.negative_slope = get<float>(d, "negative_slope");
    }
    if (layer.kind == Kind::dense) {
        layer.units = get<int>(d, "units");
        layer.use_bias = get<bool>(d, "use_bias");
        layer.kernel_initializer = initializer_of(get<nb::dict>(d, "kernel_initializer"));
        layer.bias_initializer = initializer_of(get<nb::dict>(d, "bias_initializer"));
        layer.kernel_penalty = {get<float>(d, "l1"), get<float>(d, "l2")};
        layer.bias_penalty = {get<float>(d, "bias_l1"), get<float>(d, "bias_l2")};
    } else if (layer.kind == Kind::dropout) {
        layer.rate = get<double>(d, "rate");
    } else if (layer.kind == Kind::batch_normalization) {
        layer.momentum = get<float>(d, "momentum");
        layer.epsilon = get<float>(d, "epsilon");
        layer.center = get<bool>(d, "center");
        layer.scale = get<bool>(d, "scale");
    }
    return layer;
}

inline NetworkSpec network_of(const nb::dict& d) {
    NetworkSpec network;
    for (nb::handle layer : get<nb::list>(d, "layers")) network.layers.push_back(layer_of(nb::cast<nb::dict>(layer)));
    network.embedding_initializer = initializer_of(get<nb::dict>(d, "embedding_initializer"));
    return network;
}

inline EncodingSpec encoding_of(const nb::dict& d) {
    EncodingSpec encoding;
    encoding.shift = vector_at<float>(d, "shift");
    encoding.scale = vector_at<float>(d, "scale");
    encoding.fill = vector_at<float>(d, "fill");
    encoding.inverse_clip = vector_at<float>(d, "inverse_clip");
    encoding.indicators = vector_at<std::int32_t>(d, "indicators");
    for (nb::handle item : get<nb::list>(d, "categories")) {
        const auto c = nb::cast<nb::dict>(item);
        encoding.categories.push_back(
            {vector_at<std::int32_t>(c, "slots"), get<int>(c, "size"), get<int>(c, "embedding_dim")});
    }
    return encoding;
}

inline LossSpec loss_of(const nb::dict& d) {
    LossSpec loss;
    loss.kind = named<LossSpec::Kind>(
        d, "kind", {{"crossentropy", LossSpec::Kind::crossentropy}, {"focal", LossSpec::Kind::focal}});
    loss.smoothing = get<float>(d, "smoothing");
    loss.gamma = get<float>(d, "gamma");
    loss.alpha = get<float>(d, "alpha");
    loss.logit_offset = get<float>(d, "logit_offset");
    loss.prior_offset = get<float>(d, "prior_offset");
    loss.negative_weight = get<float>(d, "negative_weight");
    loss.positive_weight = get<float>(d, "positive_weight");
    return loss;
}

inline OptimizerSpec optimizer_of(const nb::dict& d) {
    using Kind = OptimizerSpec::Kind;
    using Shape = ScheduleSpec::Kind;
    OptimizerSpec o;
    o.kind = named<Kind>(d, "kind",
                         {{"sgd", Kind::sgd},
                          {"adam", Kind::adam},
                          {"adadelta", Kind::adadelta},
                          {"adagrad", Kind::adagrad},
                          {"rmsprop", Kind::rmsprop},
                          {"adamax", Kind::adamax},
                          {"nadam", Kind::nadam}});
    o.learning_rate = get<double>(d, "learning_rate");
    o.momentum = get<double>(d, "momentum");
    o.beta_1 = get<double>(d, "beta_1");
    o.beta_2 = get<double>(d, "beta_2");
    o.rho = get<double>(d, "rho");
    o.epsilon = get<double>(d, "epsilon");
    o.initial_accumulator = get<double>(d, "initial_accumulator");
    o.nesterov = get<bool>(d, "nesterov");
    o.amsgrad = get<bool>(d, "amsgrad");
    o.centered = get<bool>(d, "centered");
    o.weight_decay = get<double>(d, "weight_decay");
    o.decay_biases = get<bool>(d, "decay_biases");
    o.clip_value = get<double>(d, "clip_value");
    o.clip_norm = get<double>(d, "clip_norm");
    o.global_clip_norm = get<double>(d, "global_clip_norm");
    const auto s = get<nb::dict>(d, "schedule");
    auto& schedule = o.schedule;
    schedule.kind = named<Shape>(s, "kind",
                                 {{"constant", Shape::constant},
                                  {"step", Shape::step},
                                  {"exponential", Shape::exponential},
                                  {"cosine", Shape::cosine},
                                  {"one_cycle", Shape::one_cycle},
                                  {"reduce_on_plateau", Shape::reduce_on_plateau}});
    schedule.factor = get<double>(s, "factor");
    schedule.warmup = get<double>(s, "warmup");
    schedule.initial = get<double>(s, "initial");
    schedule.final = get<double>(s, "final");
    schedule.every = get<int>(s, "every");
    schedule.monitor = get<int>(s, "monitor");
    schedule.monitor_rises = get<bool>(s, "monitor_rises");
    schedule.patience = get<int>(s, "patience");
    schedule.cooldown = get<int>(s, "cooldown");
    schedule.min_delta = get<double>(s, "min_delta");
    schedule.min_learning_rate = get<double>(s, "min_learning_rate");
    return o;
}

inline TrainingSpec training_of(const nb::dict& d) {
    TrainingSpec t;
    t.epochs = get<int>(d, "epochs");
    t.batch_size = get<int>(d, "batch_size");
    t.shuffle = get<bool>(d, "shuffle");
    t.positive_share = get<double>(d, "positive_share");
    t.monitor = get<int>(d, "monitor");
    t.monitor_rises = get<bool>(d, "monitor_rises");
    t.patience = get<int>(d, "patience");
    t.min_delta = get<double>(d, "min_delta");
    t.restore_best = get<bool>(d, "restore_best");
    t.max_seconds = get<double>(d, "max_seconds");
    return t;
}

inline std::vector<NamedTensor> tensors_of(const nb::dict& d) {
    std::vector<NamedTensor> tensors;
    for (auto [name, value] : d) {
        const auto array = nb::cast<nb::ndarray<const float, nb::c_contig, nb::device::cpu>>(value);
        NamedTensor tensor{nb::cast<std::string>(name), {}, {array.data(), array.data() + array.size()}};
        for (std::size_t i = 0; i < array.ndim(); ++i)
            tensor.shape.push_back(static_cast<std::int64_t>(array.shape(i)));
        tensors.push_back(std::move(tensor));
    }
    return tensors;
}

inline Rows rows_at(const nb::dict& d, const char* key) {
    // The array stays alive in the dictionary, which its caller holds.
    const auto array = get<Array<std::int64_t, 1>>(d, key);
    return {array.data(), static_cast<std::int64_t>(array.shape(0))};
}

inline JobSpec job_of(const nb::dict& d) {
    JobSpec job;
    job.network = network_of(get<nb::dict>(d, "network"));
    job.encoding = encoding_of(get<nb::dict>(d, "encoding"));
    job.loss = loss_of(get<nb::dict>(d, "loss"));
    job.optimizer = optimizer_of(get<nb::dict>(d, "optimizer"));
    job.training = training_of(get<nb::dict>(d, "training"));
    job.seed = get<std::uint64_t>(d, "seed");
    job.train = rows_at(d, "train");
    job.validation = rows_at(d, "validation");
    job.metric_rows = rows_at(d, "metric_rows");
    job.initial_weights = tensors_of(get<nb::dict>(d, "initial_weights"));
    job.progress.epochs = get<std::int64_t>(d, "epochs_before");
    job.progress.steps = get<std::int64_t>(d, "steps_before");
    for (nb::handle slot : get<nb::list>(d, "slots"))
        job.progress.slots.push_back(tensors_of(nb::cast<nb::dict>(slot)));
    job.running_metrics = get<bool>(d, "running_metrics");
    job.running_ranking = get<bool>(d, "running_ranking");
    return job;
}

// The caller has checked shapes, kinds and ranges; `data` keeps the arrays alive.
inline DataView data_of(const nb::dict& d) {
    const auto numeric = get<Array<float, 2>>(d, "numeric");
    const auto codes = get<Array<std::int32_t, 2>>(d, "codes");
    DataView view;
    view.numeric = numeric.data();
    view.codes = codes.data();
    view.rows = static_cast<std::int64_t>(numeric.shape(0));
    view.columns = static_cast<int>(numeric.shape(1));
    view.categories = static_cast<int>(codes.shape(1));
    if (!d["target"].is_none()) view.target = get<Array<std::uint8_t, 1>>(d, "target").data();
    if (!d["weights"].is_none()) view.weights = get<Array<float, 1>>(d, "weights").data();
    return view;
}

}  // namespace steelyard
