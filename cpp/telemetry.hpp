// What the inside of a network looks like at the end of an epoch.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "network.hpp"

namespace steelyard {

// Per layer and epoch.
inline constexpr int layer_weight_norm = 0, layer_gradient_norm = 1, layer_update_ratio = 2, layer_dead = 3,
                     layer_saturated = 4, layer_columns = 5;

// The slopes of all activations over a sample of rows. A unit is dead if its slope is below 0.001 on every
// row, and a unit of a bounded activation saturated if it is below 5 % of the steepest on 95 % of them.
class SlopeSurvey {
  public:
    explicit SlopeSurvey(const Network& network) {
        for (const auto& op : network.operations())
            if (op.kind == LayerSpec::Kind::activation) {
                const auto width = static_cast<std::size_t>(op.stride());
                layers_.push_back({&op, std::vector<float>(width), std::vector<int>(width)});
            }
    }

    bool empty() const { return layers_.empty(); }

    // Takes in the batch that went forward last.
    void add(int rows) {
        rows_ += rows;
        for (auto& layer : layers_) {
            const auto& op = *layer.op;
            const std::size_t width = layer.steepest.size(), cells = width * static_cast<std::size_t>(rows);
            if (slopes_.size() < cells) slopes_ = Buffer(cells);
            std::fill_n(slopes_.data(), cells, 1.0f);
            activation::backward(op.spec.activation, op.spec.negative_slope, op.in, op.value, slopes_.data(), cells);
            const float flat = 0.05f * activation::steepest_slope(op.spec.activation);
            for (int i = 0; i < rows; ++i) {
                const float* row = slopes_.data() + static_cast<std::size_t>(i) * width;
                for (std::size_t j = 0; j < width; ++j) {
                    const float slope = std::fabs(row[j]);
                    layer.steepest[j] = std::max(layer.steepest[j], slope);
                    layer.flat[j] += slope < flat;
                }
            }
        }
    }

    // Writes the shares into the rows of the layers of these names.
    void report(std::vector<std::array<double, layer_columns>>& rows, const std::vector<std::string>& names) const {
        for (const auto& layer : layers_) {
            const auto found = std::find(names.begin(), names.end(), layer.op->layer);
            if (found == names.end()) continue;
            const int width = layer.op->width_out;
            double dead = 0.0, saturated = 0.0;
            for (std::size_t j = 0; j < static_cast<std::size_t>(width); ++j) {
                dead += layer.steepest[j] < 1e-3f;
                saturated += layer.flat[j] >= 0.95 * rows_;
            }
            auto& row = rows[static_cast<std::size_t>(found - names.begin())];
            row[layer_dead] = dead / width;
            if (!std::isnan(activation::steepest_slope(layer.op->spec.activation)))
                row[layer_saturated] = saturated / width;
        }
    }

  private:
    struct Layer {
        const Network::Operation* op;
        std::vector<float> steepest;
        std::vector<int> flat;
    };
    std::vector<Layer> layers_;
    Buffer slopes_;
    int rows_ = 0;
};

}  // namespace steelyard
