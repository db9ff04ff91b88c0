// What an attack does to each pixel between two passes.

// A step along the sign of the gradient, then into the ball and into the box. What is not a number stays that.
__global__ void sign_step(const float* images, const float* gradient, const float* origin, int64 count, float length,
                          float radius, float low, float high, float* result) {
  for (int64 i = thread_number(); i < count; i += thread_count()) {
    const float slope = gradient[i];
    const float sign = slope > 0 ? 1.0f : slope < 0 ? -1.0f : slope == 0 ? 0.0f : slope;
    const float least = origin[i] - radius;
    const float most = origin[i] + radius;
    float moved = images[i] + sign * length;
    if (moved < least || least != least) moved = least;
    if (moved > most) moved = most;
    if (moved < low) moved = low;
    if (moved > high) moved = high;
    result[i] = moved;
  }
}

// Within ± bound; 0 where it is not a number.
__global__ void bounded_slope(const float* slope, int64 count, float bound, float* result) {
  for (int64 i = thread_number(); i < count; i += thread_count()) {
    const float value = slope[i] > bound ? bound : slope[i] < -bound ? -bound : slope[i];
    result[i] = value == value ? value : 0.0f;
  }
}
