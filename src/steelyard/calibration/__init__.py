"""Calibration: from logits that rank well to probabilities that mean what they say.

Calibrators are fitted on rows the network did not learn from (validation or out-of-fold rows), and never on
rows that judge it. What a calibrator is: :mod:`steelyard.data.calibrator`.
"""

from steelyard.calibration.applying import apply_calibrator as apply_calibrator
from steelyard.calibration.applying import calibrator_from_dict as calibrator_from_dict
from steelyard.calibration.applying import calibrator_to_dict as calibrator_to_dict
from steelyard.calibration.choosing import Asked as Asked
from steelyard.calibration.choosing import Attempt as Attempt
from steelyard.calibration.choosing import CalibrationChoice as CalibrationChoice
from steelyard.calibration.choosing import choose_calibrator as choose_calibrator
from steelyard.calibration.fitting import Method as Method
from steelyard.calibration.fitting import fit_calibrator as fit_calibrator
