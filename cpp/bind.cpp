// The engine as a Python module. This is the only file that knows Python: it turns the flat
// description that lowering.py writes into jobs, and outcomes into dictionaries of arrays.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <map>
#include <memory>
#include <numeric>

#include "population.hpp"

namespace nb = nanobind;
using namespace steelyard;
using namespace nb::literals;

namespace {

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

template <class T>
nb::object to_numpy(std::vector<T> values, std::vector<std::size_t> shape) {
    auto* owned = new std::vector<T>(std::move(values));
    const nb::capsule owner(owned, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
    return nb::cast(nb::ndarray<nb::numpy, T>(owned->data(), shape.size(), shape.data(), owner));
}

Initializer initializer_of(const nb::dict& d) {
    using Kind = Initializer::Kind;
    Initializer init;
    init.kind = named<Kind>(d, "kind", {{"variance_scaling", Kind::variance_scaling},
                                        {"constant", Kind::constant},
                                        {"normal", Kind::normal},
                                        {"uniform", Kind::uniform}});
    init.a = get<double>(d, "a");
    init.b = get<double>(d, "b");
    init.fan = get<bool>(d, "average_fan") ? Initializer::Fan::average : Initializer::Fan::in;
    init.truncated_normal = get<bool>(d, "truncated_normal");
    return init;
}

LayerSpec layer_of(const nb::dict& d) {
    using Kind = LayerSpec::Kind;
    LayerSpec layer;
    layer.kind = named<Kind>(d, "kind", {{"dense", Kind::dense},
                                         {"activation", Kind::activation},
                                         {"dropout", Kind::dropout},
                                         {"batch_normalization", Kind::batch_normalization}});
    if (layer.kind == Kind::dense || layer.kind == Kind::activation) {
        layer.activation = named<Activation>(d, "activation", {{"linear", Activation::linear},
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

NetworkSpec network_of(const nb::dict& d) {
    NetworkSpec network;
    for (nb::handle layer : get<nb::list>(d, "layers")) network.layers.push_back(layer_of(nb::cast<nb::dict>(layer)));
    network.embedding_initializer = initializer_of(get<nb::dict>(d, "embedding_initializer"));
    return network;
}

EncodingSpec encoding_of(const nb::dict& d) {
    EncodingSpec encoding;
    encoding.shift = vector_at<float>(d, "shift");
    encoding.scale = vector_at<float>(d, "scale");
    encoding.fill = vector_at<float>(d, "fill");
    encoding.inverse_clip = vector_at<float>(d, "inverse_clip");
    encoding.indicators = vector_at<std::int32_t>(d, "indicators");
    for (nb::handle item : get<nb::list>(d, "categories")) {
        const auto c = nb::cast<nb::dict>(item);
        encoding.categories.push_back({vector_at<std::int32_t>(c, "slots"), get<int>(c, "size"), get<int>(c, "embedding_dim")});
    }
    return encoding;
}

LossSpec loss_of(const nb::dict& d) {
    LossSpec loss;
    loss.kind = named<LossSpec::Kind>(d, "kind", {{"crossentropy", LossSpec::Kind::crossentropy}, {"focal", LossSpec::Kind::focal}});
    loss.smoothing = get<float>(d, "smoothing");
    loss.gamma = get<float>(d, "gamma");
    loss.alpha = get<float>(d, "alpha");
    loss.logit_offset = get<float>(d, "logit_offset");
    loss.negative_weight = get<float>(d, "negative_weight");
    loss.positive_weight = get<float>(d, "positive_weight");
    return loss;
}

OptimizerSpec optimizer_of(const nb::dict& d) {
    using Kind = OptimizerSpec::Kind;
    using Shape = ScheduleSpec::Kind;
    OptimizerSpec o;
    o.kind = named<Kind>(d, "kind", {{"sgd", Kind::sgd},
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
    schedule.kind = named<Shape>(s, "kind", {{"constant", Shape::constant},
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

TrainingSpec training_of(const nb::dict& d) {
    TrainingSpec t;
    t.epochs = get<int>(d, "epochs");
    t.batch_size = get<int>(d, "batch_size");
    t.shuffle = get<bool>(d, "shuffle");
    t.monitor = get<int>(d, "monitor");
    t.monitor_rises = get<bool>(d, "monitor_rises");
    t.patience = get<int>(d, "patience");
    t.min_delta = get<double>(d, "min_delta");
    t.restore_best = get<bool>(d, "restore_best");
    t.max_seconds = get<double>(d, "max_seconds");
    return t;
}

std::vector<NamedTensor> tensors_of(const nb::dict& d) {
    std::vector<NamedTensor> tensors;
    for (auto [name, value] : d) {
        const auto array = nb::cast<nb::ndarray<const float, nb::c_contig, nb::device::cpu>>(value);
        NamedTensor tensor{nb::cast<std::string>(name), {}, {array.data(), array.data() + array.size()}};
        for (std::size_t i = 0; i < array.ndim(); ++i) tensor.shape.push_back(static_cast<std::int64_t>(array.shape(i)));
        tensors.push_back(std::move(tensor));
    }
    return tensors;
}

Rows rows_at(const nb::dict& d, const char* key) {
    // The array stays alive in the dictionary, which its caller holds.
    const auto array = get<Array<std::int64_t, 1>>(d, key);
    return {array.data(), static_cast<std::int64_t>(array.shape(0))};
}

JobSpec job_of(const nb::dict& d) {
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
    return job;
}

// The caller has checked shapes, kinds and ranges; `data` keeps the arrays alive.
DataView data_of(const nb::dict& d) {
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

nb::dict weights_to_python(const std::vector<NamedTensor>& tensors) {
    nb::dict result;
    for (const auto& tensor : tensors)
        result[tensor.name.c_str()] = to_numpy(tensor.values, {tensor.shape.begin(), tensor.shape.end()});
    return result;
}

nb::dict outcome_to_python(const Outcome& outcome) {
    static constexpr const char* names[] = {"completed", "stopped_early", "diverged", "pruned", "interrupted"};
    const std::size_t epochs = outcome.history.size(), layers = outcome.layers.size();
    std::vector<double> history, telemetry, logits;
    for (const auto& row : outcome.history) history.insert(history.end(), row.begin(), row.end());
    for (const auto& epoch : outcome.telemetry)
        for (const auto& layer : epoch) telemetry.insert(telemetry.end(), layer.begin(), layer.end());
    for (const auto& spread : outcome.logits) logits.insert(logits.end(), spread.begin(), spread.end());
    nb::dict result;
    result["status"] = names[static_cast<int>(outcome.status)];
    result["reason"] = outcome.reason;
    result["best_epoch"] = outcome.best_epoch;
    result["history"] = to_numpy(std::move(history), {epochs, history_columns});
    result["layers"] = outcome.layers;
    result["telemetry"] = to_numpy(std::move(telemetry), {epochs, layers, layer_columns});
    result["logits"] = to_numpy(std::move(logits), {epochs, 2});
    result["weights"] = weights_to_python(outcome.weights);
    return result;
}

nb::list fit_population(const nb::dict& data, const nb::list& jobs, int threads, nb::object on_epoch) {
    const DataView view = data_of(data);
    std::vector<JobSpec> specs;
    for (nb::handle job : jobs) specs.push_back(job_of(nb::cast<nb::dict>(job)));

    std::exception_ptr raised;  // what on_epoch raised; touched with the GIL held only
    std::unique_ptr<Population> population;
    Observer observe;
    if (!on_epoch.is_none()) {
        observe = [&](const EpochReport& report) {
            const nb::gil_scoped_acquire gil;
            Decision decision;
            try {
                const std::vector<double> row(report.row.begin(), report.row.end());
                const auto answer = nb::cast<nb::tuple>(on_epoch(report.job, report.epoch, report.epochs, row, report.seconds));
                decision.stop = nb::cast<bool>(answer[0]);
                decision.learning_rate = nb::cast<double>(answer[1]);
            } catch (...) {
                if (!raised) raised = std::current_exception();
                population->cancel();
                decision.stop = true;
            }
            return decision;
        };
    }
    population = std::make_unique<Population>(view, specs, threads, std::move(observe));
    std::vector<Outcome> outcomes;
    {
        const nb::gil_scoped_release release;
        outcomes = population->run([&] {
            const nb::gil_scoped_acquire gil;
            if (PyErr_CheckSignals() == 0) return;
            // Ctrl-C stops the jobs between epochs; they come back as interrupted. Anything else is raised.
            if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
                PyErr_Clear();
            } else if (!raised) {
                raised = std::make_exception_ptr(nb::python_error());
            } else {
                PyErr_Clear();
            }
            population->cancel();
        });
    }
    if (raised) std::rethrow_exception(raised);
    nb::list result;
    for (const auto& outcome : outcomes) result.append(outcome_to_python(outcome));
    return result;
}

// A job that only carries a network: for predictions.
JobSpec inference_job(const nb::dict& network, const nb::dict& encoding, const nb::dict& weights) {
    JobSpec job;
    job.network = network_of(network);
    job.encoding = encoding_of(encoding);
    job.initial_weights = tensors_of(weights);
    job.optimizer.kind = OptimizerSpec::Kind::sgd;
    return job;
}

nb::object predict(const nb::dict& data, const nb::dict& network, const nb::dict& encoding, const nb::dict& weights, int threads) {
    const DataView view = data_of(data);
    const JobSpec job = inference_job(network, encoding, weights);
    std::vector<float> logits(static_cast<std::size_t>(view.rows));
    {
        const nb::gil_scoped_release release;
        constexpr std::int64_t block = 16384;
        std::atomic<std::int64_t> next{0};
        const auto work = [&] {
            FlushDenormals flush;
            Team team(1);
            Trainer trainer(view, job, team);
            std::vector<std::int64_t> numbers;
            std::vector<float> part;
            for (std::int64_t first = next.fetch_add(block); first < view.rows; first = next.fetch_add(block)) {
                numbers.resize(static_cast<std::size_t>(std::min(block, view.rows - first)));
                std::iota(numbers.begin(), numbers.end(), first);
                part.clear();
                trainer.predict({numbers.data(), static_cast<std::int64_t>(numbers.size())}, part);
                std::copy(part.begin(), part.end(), logits.begin() + first);
            }
        };
        std::vector<std::thread> workers;
        for (int i = 1; i < threads && i * block < view.rows; ++i) workers.emplace_back(work);
        work();
        for (auto& worker : workers) worker.join();
    }
    const std::size_t rows = logits.size();
    return to_numpy(std::move(logits), {rows});
}

nb::dict initial_weights(const nb::dict& job) {
    const JobSpec spec = job_of(job);
    Network network(spec.network, spec.encoding, 1);
    std::vector<float> weights(network.layout().size);
    initialize(network.layout(), spec.seed, weights.data());
    return weights_to_python(export_tensors(network.layout(), weights.data()));
}

// For tests: loss and gradient of one batch, the penalty included.
nb::tuple loss_and_gradient(const nb::dict& data, const nb::dict& job, Array<std::int64_t, 1> rows, std::uint32_t step, bool training) {
    const DataView view = data_of(data);
    JobSpec spec = job_of(job);
    const auto size = static_cast<int>(rows.shape(0));
    spec.training.batch_size = size;
    spec.train.size = size;
    Team team(1);
    Trainer trainer(view, spec, team);
    bool finite = true;
    const double loss = trainer.batch(size, {training, spec.seed, step}, finite, [&](int i) { return rows.data()[i]; });
    Layout trainable;
    for (const Tensor& t : trainer.network().layout().tensors)
        if (t.trainable) trainable.tensors.push_back(t);
    return nb::make_tuple(loss, weights_to_python(export_tensors(trainable, trainer.gradient().data())));
}

nb::object dropout_mask(std::uint64_t seed, std::uint32_t layer, std::uint32_t step, int rows, int units, double rate) {
    const int stride = padded(units);
    std::vector<float> factors(static_cast<std::size_t>(rows) * static_cast<std::size_t>(stride));
    DropoutMask(seed, layer, step, rate).fill(factors.data(), 0, rows, units, stride);
    std::vector<std::uint8_t> kept;
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < units; ++j) kept.push_back(factors[static_cast<std::size_t>(i * stride + j)] != 0.0f);
    return to_numpy(std::move(kept), {static_cast<std::size_t>(rows), static_cast<std::size_t>(units)});
}

nb::object epoch_order(std::uint64_t seed, std::uint32_t epoch, std::size_t rows) {
    std::vector<std::uint32_t> order(rows);
    std::iota(order.begin(), order.end(), 0u);
    shuffle(seed, epoch, order);
    return to_numpy(std::vector<std::int64_t>(order.begin(), order.end()), {rows});
}

// For benchmarks: GFLOP/s of independent fused multiply-adds in registers, the most this core can do.
double fma_peak(double seconds) {
    constexpr int chains = 12;
    Vec sums[chains] = {};
    const Vec a = splat(0.999f), b = splat(1e-3f);
    double operations = 0.0, elapsed = 0.0;
    const auto began = std::chrono::steady_clock::now();
    do {
        for (int i = 0; i < 100000; ++i) {
#pragma GCC unroll 12
            for (int c = 0; c < chains; ++c) sums[c] = sums[c] * a + b;
        }
        operations += 2.0 * lanes * chains * 100000.0;
        elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    } while (elapsed < seconds);
    float keep = 0.0f;
    for (const Vec& v : sums) keep += sum(v);
    return keep > -1e30f ? operations / elapsed * 1e-9 : 0.0;
}

// For benchmarks: GFLOP/s (of unpadded work) of C[m x n] = A[m x k] B[k x n].
double gemm_benchmark(int m, int n, int k, double seconds) {
    const int stride = padded(n), a_stride = padded(k);
    Buffer a(static_cast<std::size_t>(m * a_stride)), b(static_cast<std::size_t>(k * stride)), c(static_cast<std::size_t>(m * stride));
    std::fill_n(a.data(), a.size(), 0.5f);
    std::fill_n(b.data(), b.size(), 0.25f);
    Team team(1);
    double operations = 0.0, elapsed = 0.0;
    const auto began = std::chrono::steady_clock::now();
    do {
        for (int i = 0; i < 200; ++i) {
            multiply({m, stride / lanes, k, {a.data(), a_stride, 1}, b.data(), stride, c.data(), stride}, team);
            __asm__ volatile("" ::"r"(c.data()) : "memory");
        }
        operations += 200.0 * 2.0 * m * n * k;
        elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    } while (elapsed < seconds);
    return operations / elapsed * 1e-9;
}

std::vector<std::string> supported_instruction_sets() {
    std::vector<std::string> sets{"baseline"};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets.emplace_back("avx2");
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma"))
        sets.emplace_back("avx512");
#endif
    return sets;
}

}  // namespace

NB_MODULE(STEELYARD_MODULE, m) {
    m.def("fit_population", &fit_population, "data"_a, "jobs"_a, "threads"_a, "on_epoch"_a.none());
    m.def("predict", &predict, "data"_a, "network"_a, "encoding"_a, "weights"_a, "threads"_a);
    m.def("initial_weights", &initial_weights, "job"_a);
    m.def("loss_and_gradient", &loss_and_gradient, "data"_a, "job"_a, "rows"_a, "step"_a, "training"_a);
    m.def("dropout_mask", &dropout_mask, "seed"_a, "layer"_a, "step"_a, "rows"_a, "units"_a, "rate"_a);
    m.def("epoch_order", &epoch_order, "seed"_a, "epoch"_a, "rows"_a);
    m.def("fma_peak", &fma_peak, "seconds"_a, nb::call_guard<nb::gil_scoped_release>());
    m.def("gemm_benchmark", &gemm_benchmark, "m"_a, "n"_a, "k"_a, "seconds"_a, nb::call_guard<nb::gil_scoped_release>());
    m.def("supported_instruction_sets", &supported_instruction_sets);
}
