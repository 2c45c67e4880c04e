/** The floor's shader: a grid that fades out, a pool of light, and soft shadows below whatever is near. */

export const MOST_SHADES = 24;

export const FLOOR_VERTEX = /* glsl */ `
  varying vec3 place;
  void main() {
    vec4 world = modelMatrix * vec4(position, 1.0);
    place = world.xyz;
    gl_Position = projectionMatrix * viewMatrix * world;
  }
`;

// A body part of breadth w at height h shades the floor as the sky's share that it hides, roughly: broader and fainter the
// higher it is.
export const FLOOR_FRAGMENT = /* glsl */ `
  uniform vec3 lineColour;
  uniform vec3 poolColour;
  uniform float radiusM;
  uniform float centreX;
  uniform vec4 shades[${MOST_SHADES}];
  varying vec3 place;

  float grid(vec2 at, float wide) {
    vec2 width = fwidth(at);
    vec2 line = abs(fract(at - 0.5) - 0.5);
    vec2 drawn = 1.0 - smoothstep(vec2(wide) - width, vec2(wide) + width, line);
    // Far away, where lines are thinner than a pixel, they fade instead of flickering.
    drawn *= clamp(0.35 / max(width, vec2(1e-4)), 0.0, 1.0);
    return max(drawn.x, drawn.y);
  }

  void main() {
    float away = length(place.xz - vec2(centreX, 0.0));
    float fade = pow(clamp(1.0 - away / (radiusM - 1.0), 0.0, 1.0), 1.6);
    float lines = max(grid(place.xz, 0.006), 0.4 * grid(place.xz * 2.0, 0.009));
    float pool = exp(-away * away / 1.6);
    float shade = 0.0;
    for (int i = 0; i < ${MOST_SHADES}; i++) {
      vec4 part = shades[i];
      float wide = part.w + 0.55 * part.y;
      vec2 off = place.xz - part.xz;
      shade += part.w > 0.0 ? 0.85 * part.w * part.w / (wide * wide) * exp(-dot(off, off) / (wide * wide)) : 0.0;
    }
    shade = 1.0 - exp(-1.6 * shade);
    float light = fade * (0.42 * lines + 0.24 * pool);
    gl_FragColor = vec4(mix(poolColour, lineColour, lines), 1.0);
    #include <colorspace_fragment>
    // Multiplied by its alpha: light adds to what is behind, shade takes from it.
    gl_FragColor = vec4(gl_FragColor.rgb * light * (1.0 - shade), max(light, 0.85 * shade));
  }
`;
