// The engine as a Python module: its functions, and outcomes turned into dictionaries of arrays.
// Only this file and describe.hpp know Python.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <numeric>

#include "benchmark.hpp"
#include "describe.hpp"
#include "population.hpp"

namespace nb = nanobind;
using namespace steelyard;
using namespace nb::literals;

namespace {

template <class T>
nb::object to_numpy(std::vector<T> values, std::vector<std::size_t> shape) {
    auto* owned = new std::vector<T>(std::move(values));
    const nb::capsule owner(owned, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
    return nb::cast(nb::ndarray<nb::numpy, T>(owned->data(), shape.size(), shape.data(), owner));
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
    result["epochs"] = outcome.progress.epochs;
    result["steps"] = outcome.progress.steps;
    nb::list slots;
    for (const auto& slot : outcome.progress.slots) slots.append(weights_to_python(slot));
    result["slots"] = slots;
    return result;
}

// The state of a job between two epochs, for the time of one call of on_epoch.
class Inside {
  public:
    explicit Inside(const Trainer& trainer) : trainer_(&trainer) {}
    void close() { trainer_ = nullptr; }
    nb::dict weights() const { return weights_to_python(open().export_weights()); }
    nb::tuple validated() const { return scored(open().validated()); }
    nb::tuple met() const { return scored(open().met()); }

  private:
    const Trainer& open() const {
        if (trainer_ == nullptr) throw std::runtime_error("the state of an epoch can be read during on_epoch only");
        return *trainer_;
    }
    static nb::tuple scored(const Scored& rows) {
        return nb::make_tuple(to_numpy(rows.logits, {rows.logits.size()}), to_numpy(rows.labels, {rows.labels.size()}));
    }
    const Trainer* trainer_;
};

struct Closing {
    Inside& inside;
    ~Closing() { inside.close(); }
};

nb::list fit_population(const nb::dict& data, const nb::list& jobs, int threads, nb::object on_epoch,
                        nb::object on_rest) {
    const DataView view = data_of(data);
    std::vector<JobSpec> specs;
    for (nb::handle job : jobs) specs.push_back(job_of(nb::cast<nb::dict>(job)));

    std::exception_ptr raised;  // what on_epoch raised; touched with the GIL held only
    std::unique_ptr<Population> population;
    // Calls Python; after an exception all jobs are stopped, and it is raised when they have.
    const auto guarded = [&](const auto& call) {
        const nb::gil_scoped_acquire gil;
        try {
            call();
        } catch (nb::python_error& error) {
            // Ctrl-C while Python watched is Ctrl-C: the jobs come back as interrupted.
            if (!error.matches(PyExc_KeyboardInterrupt) && !raised) raised = std::current_exception();
            population->cancel();
        } catch (...) {
            if (!raised) raised = std::current_exception();
            population->cancel();
        }
    };
    Observer observe;
    if (!on_epoch.is_none()) {
        observe = [&](const EpochReport& report) {
            Decision decision;
            guarded([&] {
                const std::vector<double> row(report.row.begin(), report.row.end());
                const nb::object inside = nb::cast(Inside(report.trainer));
                const Closing closing{*nb::inst_ptr<Inside>(inside)};
                const auto answer =
                    nb::cast<nb::tuple>(on_epoch(report.job, report.epoch, report.epochs, row, report.seconds, inside));
                decision.stop = nb::cast<bool>(answer[0]);
                decision.rest = nb::cast<bool>(answer[1]);
                decision.learning_rate = nb::cast<double>(answer[2]);
                if (!answer[3].is_none()) decision.weights = tensors_of(nb::cast<nb::dict>(answer[3]));
            });
            return decision;
        };
    }
    Referee referee;
    if (!on_rest.is_none()) {
        referee = [&](const JobNumbers& resting) {
            JobNumbers stopped;
            guarded([&] { stopped = nb::cast<JobNumbers>(on_rest(resting)); });
            return stopped;
        };
    }
    population = std::make_unique<Population>(view, specs, threads, std::move(observe), std::move(referee));
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

nb::object predict(const nb::dict& data, const nb::dict& network, const nb::dict& encoding, const nb::dict& weights,
                   int threads) {
    const DataView view = data_of(data);
    const JobSpec job = inference_job(network, encoding, weights);
    std::vector<float> logits(static_cast<std::size_t>(view.rows));
    {
        const nb::gil_scoped_release release;
        constexpr std::int64_t block = 16384;
        std::atomic<std::int64_t> next{0};
        std::atomic<bool> failed{false};
        std::exception_ptr failure;
        const auto work = [&] {
            try {
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
            } catch (...) {
                if (!failed.exchange(true)) failure = std::current_exception();
            }
        };
        {
            std::vector<std::jthread> workers;  // join at the end of this block
            for (int i = 1; i < threads && i * block < view.rows; ++i) workers.emplace_back(work);
            work();
        }
        if (failure) std::rethrow_exception(failure);
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
nb::tuple loss_and_gradient(const nb::dict& data, const nb::dict& job, Array<std::int64_t, 1> rows, std::uint32_t step,
                            bool training) {
    const DataView view = data_of(data);
    JobSpec spec = job_of(job);
    const auto size = static_cast<int>(rows.shape(0));
    spec.training.batch_size = size;
    spec.train.size = size;
    Team team(1);
    Trainer trainer(view, spec, team);
    bool finite = true;
    const double loss = trainer.batch(
        size, {training, spec.seed, step}, finite, [&](int i) { return rows.data()[i]; },
        [&](int i) { return view.target[rows.data()[i]] != 0; });
    const Layout trainable = trainer.network().layout().trainable();
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
    nb::class_<Inside>(m, "Inside")
        .def("weights", &Inside::weights)
        .def("validated", &Inside::validated)
        .def("met", &Inside::met);
    m.def("fit_population", &fit_population, "data"_a, "jobs"_a, "threads"_a, "on_epoch"_a.none(), "on_rest"_a.none());
    m.def("predict", &predict, "data"_a, "network"_a, "encoding"_a, "weights"_a, "threads"_a);
    m.def("initial_weights", &initial_weights, "job"_a);
    m.def("loss_and_gradient", &loss_and_gradient, "data"_a, "job"_a, "rows"_a, "step"_a, "training"_a);
    m.def("dropout_mask", &dropout_mask, "seed"_a, "layer"_a, "step"_a, "rows"_a, "units"_a, "rate"_a);
    m.def("epoch_order", &epoch_order, "seed"_a, "epoch"_a, "rows"_a);
    m.def("fma_peak", &fma_peak, "seconds"_a, nb::call_guard<nb::gil_scoped_release>());
    m.def("gemm_benchmark", &gemm_benchmark, "m"_a, "n"_a, "k"_a, "seconds"_a,
          nb::call_guard<nb::gil_scoped_release>());
    m.def("supported_instruction_sets", &supported_instruction_sets);
}
